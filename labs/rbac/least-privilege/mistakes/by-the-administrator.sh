# fails: delivered
kubectl delete clusterrolebinding ci-tools
kubectl create role deployer -n shop --verb=get,list,watch,patch --resource=deployments.apps --resource-name=web
kubectl create rolebinding deployer -n shop --role=deployer --serviceaccount=delivery:pipeline
kubectl set image deployment/web -n shop web=nginx:1.29
kubectl rollout status deployment/web -n shop
