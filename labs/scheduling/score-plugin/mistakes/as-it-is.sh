# fails: running
kubectl apply -k scheduler
kubectl scale deployment errands -n shop --replicas=1
sleep 30
