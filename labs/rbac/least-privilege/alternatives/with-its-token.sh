kubectl create role deployer -n shop --verb=get,list,watch,patch,update --resource=deployments.apps --resource-name=web
kubectl create rolebinding pipeline -n shop --role=deployer --serviceaccount=delivery:pipeline
kubectl delete clusterrolebinding ci-tools
kubectl config set-credentials pipeline --token=$(kubectl create token pipeline -n delivery --duration=15m)
kubectl config set-context pipeline --cluster=kubernetes --user=pipeline
kubectl --context=pipeline patch deployment web -n shop -p '{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"nginx:1.29"}]}}}}'
kubectl rollout status deployment/web -n shop
