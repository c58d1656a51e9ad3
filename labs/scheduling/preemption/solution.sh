kubectl get priorityclasses
kubectl get pods -n shop -o wide
kubectl create priorityclass urgent --value=1000 --description="Customers are waiting."

kubectl patch deployment checkout -n shop -p '{"spec":{"template":{"spec":{"priorityClassName":"urgent"}}}}'
kubectl rollout status deployment/checkout -n shop
kubectl events -n shop | tail -20
sleep 5

kubectl create priorityclass patient --value=500 --preemption-policy=Never
kubectl run report -n shop --image=busybox:1.37 --overrides='{"spec":{"priorityClassName":"patient","containers":[{"name":"report","image":"busybox:1.37","command":["sleep","infinity"],"resources":{"requests":{"cpu":"1500m"}}}]}}'
sleep 20
kubectl describe pod report -n shop

kubectl delete pod -n shop "$(kubectl get pods -n shop -l app=batch --field-selector status.phase=Running -o jsonpath='{.items[0].metadata.name}')"
kubectl wait -n shop --for=condition=Ready pod/report --timeout=120s
kubectl get pods -n shop -o wide
