# fails: dethroned
kubectl create role deployer -n shop --verb=get,list,watch,patch --resource=deployments.apps --resource-name=web
kubectl create rolebinding deployer -n shop --role=deployer --serviceaccount=delivery:pipeline
kubectl set image deployment/web -n shop web=nginx:1.29 --as=system:serviceaccount:delivery:pipeline
kubectl rollout status deployment/web -n shop
