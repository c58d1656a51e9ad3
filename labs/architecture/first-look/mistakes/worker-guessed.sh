# fails: findings
kubectl create configmap findings --from-literal=scheduler=node-1 --from-literal=dns=10.96.0.10
