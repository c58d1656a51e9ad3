# fails: gone
kubectl get configmap orders -n old-shop -o json | jq '{apiVersion, kind, data, metadata: {name: .metadata.name, namespace: "archive"}}' | kubectl apply -f -
kubectl delete apiservice v1beta1.stats.example
kubectl delete namespace old-shop --wait=false
sleep 10
kubectl delete namespace old-shop --wait=false --force --grace-period=0
kubectl delete configmap orders -n old-shop --wait=false --force --grace-period=0
