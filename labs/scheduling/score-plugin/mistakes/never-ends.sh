# fails: running
echo 'function score(pod, node) { let n = 0; while (n < 1) n -= 1; return n; }' > scheduler/score.js
kubectl apply -k scheduler
kubectl scale deployment errands -n shop --replicas=1
sleep 30
