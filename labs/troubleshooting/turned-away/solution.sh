kubectl get deployments,replicasets -n shop
kubectl events -n shop --types=Warning
kubectl get validatingwebhookconfigurations
kubectl get pods -n policy
kubectl patch validatingwebhookconfiguration gate --type=json -p '[{"op":"add","path":"/webhooks/0/namespaceSelector","value":{"matchExpressions":[{"key":"kubernetes.io/metadata.name","operator":"NotIn","values":["policy","kube-system"]}]}}]'
sleep 2
kubectl rollout restart deployment/gate -n policy
kubectl rollout status deployment/gate -n policy --timeout=120s
kubectl rollout restart deployment/orders -n shop
kubectl rollout status deployment/orders -n shop --timeout=120s
sleep 2
kubectl run knock -n shop --image=nginx:1.29 --labels=untested=true
