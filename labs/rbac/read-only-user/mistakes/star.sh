# fails: no-more
kubectl create role reader -n shop --verb=get,list,watch --resource='*.*'
kubectl create role reader-core -n shop --verb=get,list,watch --resource='*'
kubectl create role reader-all -n shop --verb=get,list,watch --resource=pods,pods/log,services,secrets,deployments.apps
kubectl create rolebinding auditors -n shop --role=reader-all --group=auditors
