# fails: cheapest
sed -i "s/return .*/return 1;/" scheduler/score.js
kubectl apply -k scheduler
kubectl rollout status deployment/thrifty -n kube-system
kubectl patch deployment errands -n shop -p '{"spec":{"replicas":3,"template":{"spec":{"nodeSelector":{"kubernetes.io/hostname":"node-2"}}}}}'
kubectl rollout status deployment/errands -n shop
