# fails: out
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
  policyTypes: [Ingress, Egress]
  ingress: [{ from: [{ podSelector: { matchLabels: { app: counter } } }] }]
  egress: [{ to: [{ podSelector: { matchLabels: { app: vault } } }] }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: vault }
spec:
  podSelector: { matchLabels: { app: vault } }
  ingress: [{ from: [{ podSelector: { matchLabels: { app: ledger } } }], ports: [{ port: 6000 }] }]
YAML
