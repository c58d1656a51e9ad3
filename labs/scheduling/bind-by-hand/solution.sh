kubectl get pods -n post -o wide
pod=$(kubectl get pods -n post -l app=letters -o jsonpath='{.items[0].metadata.name}')
echo "{\"apiVersion\":\"v1\",\"kind\":\"Binding\",\"metadata\":{\"name\":\"$pod\"},\"target\":{\"kind\":\"Node\",\"name\":\"node-2\"}}" > binding.json
kubectl create --raw "/api/v1/namespaces/post/pods/$pod/binding" -f binding.json
kubectl wait -n post --for=condition=Ready "pod/$pod" --timeout=60s
kubectl create -n post -f - <<'YAML'
apiVersion: v1
kind: Binding
metadata: { name: parcel }
target: { kind: Node, name: node-1 }
YAML
sleep 2
kubectl get pod parcel -n post

kubectl create serviceaccount clerk -n post
kubectl create clusterrole clerk-reads --verb=get,list --resource=pods,nodes
kubectl create clusterrolebinding clerk-reads --clusterrole=clerk-reads --serviceaccount=post:clerk
kubectl create role clerk-binds -n post --verb=create --resource=pods/binding
kubectl create rolebinding clerk-binds -n post --role=clerk-binds --serviceaccount=post:clerk
kubectl create configmap clerk -n post --from-file=clerk.sh
kubectl apply -f clerk.yaml
kubectl wait -n post --for=condition=Available deployment/letters --timeout=120s
kubectl logs -n post clerk
kubectl get pods -n post -o wide
