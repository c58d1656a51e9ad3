# fails: ceiling
kubectl apply -f - <<'YAML'
apiVersion: v1
kind: LimitRange
metadata: { name: containers, namespace: bakery }
spec:
  limits: [{ type: Container, defaultRequest: { cpu: 100m, memory: 64Mi }, default: { cpu: 200m, memory: 128Mi } }]
YAML
kubectl rollout restart deployment/oven -n bakery
kubectl rollout status deployment/oven -n bakery --timeout=120s
