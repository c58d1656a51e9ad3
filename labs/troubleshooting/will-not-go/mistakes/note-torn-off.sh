# fails: saved
kubectl delete namespace old-shop --wait=false
sleep 5
kubectl describe namespace old-shop
kubectl delete apiservice v1beta1.stats.example
kubectl patch configmap orders -n old-shop --type=merge -p '{"metadata":{"finalizers":null}}'
sleep 60
