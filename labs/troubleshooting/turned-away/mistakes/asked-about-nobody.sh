# fails: gate
kubectl patch validatingwebhookconfiguration gate --type=json -p '[{"op":"add","path":"/webhooks/0/namespaceSelector","value":{"matchLabels":{"kubernetes.io/metadata.name":"shop-2"}}}]'
sleep 2
kubectl rollout restart deployment/gate -n policy
kubectl rollout restart deployment/orders -n shop
kubectl run knock -n shop --image=nginx:1.29 --labels=untested=true
