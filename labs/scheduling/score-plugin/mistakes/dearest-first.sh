# fails: cheapest
sed -i "s/return .*/return Number(node.labels['example.com\/price']);/" scheduler/score.js
kubectl apply -k scheduler
kubectl rollout status deployment/thrifty -n kube-system
kubectl scale deployment errands -n shop --replicas=6
kubectl rollout status deployment/errands -n shop
