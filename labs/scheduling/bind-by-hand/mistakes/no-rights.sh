# fails: clerk
pod=$(kubectl get pods -n post -l app=letters -o jsonpath='{.items[0].metadata.name}')
kubectl create -n post -f - <<YAML
apiVersion: v1
kind: Binding
metadata: { name: $pod }
target: { kind: Node, name: node-2 }
YAML
sleep 5
kubectl create serviceaccount clerk -n post
kubectl create configmap clerk -n post --from-file=clerk.sh
kubectl apply -f clerk.yaml
sleep 60
