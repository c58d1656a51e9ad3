# fails: orders
kubectl rollout restart deployment/orders -n shop
kubectl rollout restart deployment/gate -n policy
kubectl get events -n shop
