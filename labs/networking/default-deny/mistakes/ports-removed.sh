# fails: auditor
kubectl apply -n bank -f - <<'YAML'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny }
spec: { podSelector: {}, policyTypes: [Ingress] }
YAML
sed -i '/^  ports:/,$d; s/ name: audit/ kubernetes.io\/metadata.name: audit/' auditor.yaml
kubectl apply -f auditor.yaml
