# fails: refused
kubectl get pod parcel -n post -o yaml | sed 's/cpu: "6"/cpu: "1"/' | kubectl replace --force -f -
kubectl create -n post -f - <<'YAML'
apiVersion: v1
kind: Binding
metadata: { name: parcel }
target: { kind: Node, name: node-1 }
YAML
sleep 20
