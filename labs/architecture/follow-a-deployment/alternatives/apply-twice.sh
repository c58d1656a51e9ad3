cat > web.yaml <<'YAML'
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  selector:
    matchLabels: { app: web }
  template:
    metadata:
      labels: { app: web }
    spec:
      containers:
      - name: server
        image: nginx:1.28
YAML
kubectl apply -f web.yaml
kubectl wait --for=condition=Available deployment/web --timeout=120s
owner=$(kubectl get pods -l app=web -o jsonpath='{.items[0].metadata.ownerReferences[0].kind}/{.items[0].metadata.ownerReferences[0].name}')
kubectl apply -f - <<YAML
apiVersion: v1
kind: ConfigMap
metadata: { name: chain }
data: { parent: "$owner", grandparent: "deployment/web" }
YAML
sleep 5
sed -i 's/1.28/1.29/' web.yaml
kubectl apply -f web.yaml
kubectl rollout status deployment/web
