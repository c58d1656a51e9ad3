kubectl delete namespace old-shop --wait=false
sleep 15
kubectl describe namespace old-shop
kubectl get deployments -n archive
kubectl get configmap orders -n old-shop -o jsonpath='{.data.orders\.csv}' > orders.csv
kubectl create configmap orders -n archive --from-file=orders.csv
kubectl get configmap orders -n archive -o yaml

kubectl get apiservices
kubectl delete apiservice v1beta1.stats.example

kubectl patch configmap orders -n old-shop --type=merge -p '{"metadata":{"finalizers":null}}'
kubectl wait --for=delete namespace/old-shop --timeout=180s
kubectl get configmaps -A
