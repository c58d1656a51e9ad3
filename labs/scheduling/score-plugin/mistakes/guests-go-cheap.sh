# fails: guests
sed -i "s/return .*/return 100 - Number(node.labels['example.com\/price']);/" scheduler/score.js
kubectl apply -k scheduler
kubectl rollout status deployment/thrifty -n kube-system
kubectl scale deployment errands -n shop --replicas=6
kubectl rollout status deployment/errands -n shop
sleep 5
kubectl scale deployment guests -n shop --replicas=3
kubectl rollout status deployment/guests -n shop
