# fails: running
echo 'function score(pod, node { return 1 }' > scheduler/score.js
kubectl apply -k scheduler
kubectl scale deployment errands -n shop --replicas=1
sleep 30
