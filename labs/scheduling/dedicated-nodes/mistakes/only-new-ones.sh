# fails: reserved
kubectl taint node node-3 dedicated=ml:NoSchedule
kubectl delete pods -n shop --all
sleep 20
