# fails: checkout
kubectl create priorityclass urgent --value=1000
kubectl scale deployment batch -n shop --replicas=2
kubectl patch deployment checkout -n shop -p '{"spec":{"template":{"spec":{"priorityClassName":"urgent"}}}}'
sleep 60
