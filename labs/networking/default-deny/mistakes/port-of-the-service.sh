# fails: chain
kubectl apply -n bank -f - <<'YAML'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny }
spec: { podSelector: {}, policyTypes: [Ingress] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ledger }
spec:
  podSelector: { matchLabels: { app: ledger } }
  ingress: [{ from: [{ podSelector: { matchLabels: { app: counter } } }], ports: [{ port: 80 }] }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: vault }
spec:
  podSelector: { matchLabels: { app: vault } }
  ingress: [{ from: [{ podSelector: { matchLabels: { app: ledger } } }], ports: [{ port: 600 }] }]
YAML
