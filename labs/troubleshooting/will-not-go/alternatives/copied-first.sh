kubectl get configmap orders -n old-shop -o json | jq '{apiVersion, kind, data, metadata: {name: .metadata.name, namespace: "archive"}}' | kubectl apply -f -
kubectl delete apiservice v1beta1.stats.example
kubectl delete namespace old-shop --wait=false
sleep 5
kubectl patch configmap orders -n old-shop --type=json -p '[{"op":"remove","path":"/metadata/finalizers"}]'
