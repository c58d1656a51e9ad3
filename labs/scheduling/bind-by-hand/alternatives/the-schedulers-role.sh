kubectl create serviceaccount clerk -n post
kubectl create clusterrolebinding clerk --clusterrole=system:kube-scheduler --serviceaccount=post:clerk
pod=$(kubectl get pods -n post -l app=letters -o jsonpath='{.items[3].metadata.name}')
kubectl create -n post -f - <<YAML
apiVersion: v1
kind: Binding
metadata: { name: $pod }
target: { apiVersion: v1, kind: Node, name: node-2 }
YAML
sleep 5
kubectl create configmap clerk -n post --from-file=clerk.sh
kubectl apply -f clerk.yaml
sleep 60
