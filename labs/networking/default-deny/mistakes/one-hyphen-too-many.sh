# fails: customers
kubectl apply -n bank -f - <<'YAML'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny }
spec: { podSelector: {}, policyTypes: [Ingress] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: counter }
spec:
  podSelector: { matchLabels: { app: counter } }
  ingress:
  - from:
    - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: street } }
    - podSelector: { matchLabels: { role: customer } }
YAML
