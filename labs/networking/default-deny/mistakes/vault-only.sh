# fails: closed
kubectl apply -n bank -f - <<'YAML'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: deny }
spec: { podSelector: { matchExpressions: [{ key: app, operator: In, values: [vault, ledger, counter] }] }, policyTypes: [Ingress] }
YAML
