# fails: zone
kubectl patch deployment -n sea ferry -p "{\"spec\":{\"template\":{\"spec\":{\"hostAliases\":[{\"ip\":\"$(kubectl get service -n harbour lighthouse -o jsonpath='{.spec.clusterIP}')\",\"hostnames\":[\"lighthouse.harbour\"]}]}}}}"
sleep 60
