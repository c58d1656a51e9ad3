kubectl create namespace shop
kubectl create role reader -n shop --verb=get,list --resource=pods,deployments.apps
kubectl create rolebinding readers -n shop --role=reader --group=auditors
kubectl get pods -n shop --as=dana --as-group=auditors
why user dana
kubectl delete pods --all -n shop --as=dana --as-group=auditors
kubectl delete pod web -n shop --as=dana --as-group=auditors
why user dana
kubectl get pods --as=dana --as-group=auditors
why user dana
kubectl get secrets --as=mallory
why user mallory
why user nobody
