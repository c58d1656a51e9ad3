kubectl apply -n kiosk -f - <<'YAML'
apiVersion: apps/v1
kind: Deployment
metadata:
  name: kiosk
spec:
  replicas: 3
  selector:
    matchLabels: { app: kiosk }
  template:
    metadata:
      labels: { app: kiosk }
    spec:
      tolerations: # give a lost node up after 10 s instead of 300
      - { key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 10 }
      containers:
      - name: kiosk
        image: registry.example/kiosk:1.0
        ports:
        - containerPort: 8080
---
apiVersion: v1
kind: Service
metadata:
  name: kiosk
spec:
  selector: { app: kiosk }
  ports:
  - { port: 80, targetPort: 8080 }
YAML
kubectl rollout status deployment/kiosk -n kiosk
sleep 5
kubectl exec -n kiosk deploy/kiosk -- sh -c 'kill -TERM 1'
sleep 30
kubectl delete pod -n kiosk "$(kubectl get pods -n kiosk -o jsonpath='{.items[2].metadata.name}')"
kubectl rollout status deployment/kiosk -n kiosk
sleep 5
ssh "$(kubectl get pods -n kiosk -o jsonpath='{.items[0].spec.nodeName}')" poweroff
sleep 120
