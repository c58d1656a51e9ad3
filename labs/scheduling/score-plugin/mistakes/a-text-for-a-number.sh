# fails: running
sed -i "s/node.label\[/node.labels[/" scheduler/score.js
kubectl apply -k scheduler
kubectl scale deployment errands -n shop --replicas=1
sleep 30
