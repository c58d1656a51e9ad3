# fails: gone
kubectl get configmap orders -n old-shop -o json | jq '{apiVersion, kind, data, metadata: {name: .metadata.name, namespace: "archive"}}' | kubectl apply -f -
kubectl delete apiservice v1beta1.stats.example
kubectl delete namespace old-shop --wait=false
sleep 10
kubectl get namespace old-shop -o json | jq '.spec.finalizers=[]' | kubectl replace --raw /api/v1/namespaces/old-shop/finalize -f - > /dev/null
kubectl get namespaces
