# fails: delivers
kubectl delete clusterrolebinding ci-tools
kubectl create role deployer -n delivery --verb=get,list,watch,patch --resource=deployments.apps --resource-name=web
kubectl create rolebinding deployer -n delivery --role=deployer --serviceaccount=delivery:pipeline
