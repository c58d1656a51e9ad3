kubectl apply -n bank -f - <<'YAML'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny
spec:
  podSelector: {}
  policyTypes: [Ingress]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: ledger-from-counter
spec:
  podSelector: { matchLabels: { app: ledger } }
  ingress:
  - from:
    - podSelector: { matchLabels: { app: counter } }
    ports:
    - { protocol: TCP, port: 8080 }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: vault-from-ledger
spec:
  podSelector: { matchLabels: { app: vault } }
  ingress:
  - from:
    - podSelector: { matchLabels: { app: ledger } }
    ports:
    - { protocol: TCP, port: 6000 }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: counter-from-customers
spec:
  podSelector: { matchLabels: { app: counter } }
  ingress:
  - from:
    - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: street } }
      podSelector: { matchLabels: { role: customer } }
    ports:
    - { protocol: TCP, port: 8080 }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: ledger-out
spec:
  podSelector: { matchLabels: { app: ledger } }
  policyTypes: [Egress]
  egress:
  - to:
    - podSelector: { matchLabels: { app: vault } }
    ports:
    - { protocol: TCP, port: 6000 }
  - to:
    - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } }
      podSelector: { matchLabels: { k8s-app: kube-dns } }
    ports:
    - { protocol: UDP, port: 53 }
    - { protocol: TCP, port: 53 }
YAML
kubectl apply -f auditor.yaml
sed -i 's/^  ports:/    ports:/; s/^  - protocol: TCP/    - protocol: TCP/; s/^    port: 6100/      port: 6100/; s/ name: audit/ kubernetes.io\/metadata.name: audit/' auditor.yaml
cat auditor.yaml
kubectl apply -f auditor.yaml
kubectl describe networkpolicies -n bank
sleep 5
