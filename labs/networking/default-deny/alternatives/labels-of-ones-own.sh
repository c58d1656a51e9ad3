# one policy a direction, namespaces labelled by hand, wider where the tasks leave it open
kubectl label namespace audit name=audit
kubectl label namespace street door=open
kubectl apply -n bank -f - <<'YAML'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: nothing-in-nothing-out }
spec: { podSelector: { matchLabels: {} }, policyTypes: [Ingress, Egress], ingress: [], egress: [] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: counter }
spec:
  podSelector: { matchLabels: { app: counter } }
  policyTypes: [Ingress, Egress]
  ingress:
  - from: [{ namespaceSelector: { matchExpressions: [{ key: door, operator: Exists }] }, podSelector: { matchLabels: { role: customer } } }]
  egress:
  - to: [{ podSelector: { matchLabels: { app: ledger } } }, { namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } } }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ledger }
spec:
  podSelector: { matchLabels: { app: ledger } }
  policyTypes: [Ingress, Egress]
  ingress:
  - from: [{ podSelector: { matchLabels: { app: counter } } }]
  egress:
  - to: [{ podSelector: { matchLabels: { app: vault } } }]
    ports: [{ port: 6000, endPort: 6100 }]
  - to: [{ namespaceSelector: {} , podSelector: { matchLabels: { k8s-app: kube-dns } } }]
    ports: [{ port: 53, protocol: UDP }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: vault }
spec:
  podSelector: { matchLabels: { app: vault } }
  ingress:
  - from: [{ podSelector: { matchLabels: { app: ledger } } }]
YAML
sed -e '/^  ports:/,$d' auditor.yaml > mended.yaml
cat >> mended.yaml <<'YAML'
    ports:
    - port: 6100
YAML
kubectl create -f mended.yaml
sleep 5
