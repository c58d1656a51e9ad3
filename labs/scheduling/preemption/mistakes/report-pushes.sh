# fails: report
kubectl create priorityclass urgent --value=1000
kubectl patch deployment checkout -n shop -p '{"spec":{"template":{"spec":{"priorityClassName":"urgent"}}}}'
kubectl rollout status deployment/checkout -n shop
sleep 5
kubectl run report -n shop --image=nginx:1.29 --overrides='{"spec":{"priorityClassName":"urgent","containers":[{"name":"report","image":"nginx:1.29","resources":{"requests":{"cpu":"1500m"}}}]}}'
sleep 30
