# first everybody gets in, then the gate is put back, and asked about no Pod of its own
kubectl get validatingwebhookconfiguration gate -o yaml > gate.yaml
kubectl delete validatingwebhookconfiguration gate
kubectl rollout restart deployment/gate -n policy
kubectl rollout restart deployment/orders -n shop
kubectl rollout status deployment/gate -n policy --timeout=120s
kubectl rollout status deployment/orders -n shop --timeout=120s
sed -e '/resourceVersion:/d' -e '/uid:/d' -e 's/^  objectSelector: {}/  objectSelector: {matchExpressions: [{key: app, operator: NotIn, values: [gate]}]}/' gate.yaml | kubectl apply -f -
sleep 2
kubectl run knock -n shop --image=nginx:1.29 --labels=untested=true
