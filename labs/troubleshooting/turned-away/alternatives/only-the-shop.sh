kubectl label namespace shop gate=on
kubectl get validatingwebhookconfiguration gate -o yaml | sed 's/^  namespaceSelector: {}/  namespaceSelector: {matchLabels: {gate: "on"}}/' | kubectl replace -f -
kubectl rollout restart deployment/gate -n policy
kubectl rollout status deployment/gate -n policy --timeout=120s
kubectl rollout restart deployment/orders -n shop
sleep 2
kubectl run knock -n shop --image=nginx:1.29 --labels=untested=true
