kubectl scale deployment/oven -n bakery --replicas=0
cat > limits.yaml <<'YAML'
apiVersion: v1
kind: LimitRange
metadata: { name: defaults, namespace: bakery }
spec:
  limits: [{ type: Container, defaultRequest: { cpu: 100m, memory: 64Mi }, default: { cpu: 200m, memory: 128Mi } }]
---
apiVersion: v1
kind: LimitRange
metadata: { name: ceiling, namespace: bakery }
spec:
  limits: [{ type: Container, max: { cpu: 400m } }]
YAML
kubectl apply -f limits.yaml
# It asks for less than the defaults, so that a fourth Pod fits.
kubectl set resources deployment/oven -n bakery --requests=cpu=50m,memory=32Mi --limits=cpu=100m,memory=64Mi
kubectl scale deployment/oven -n bakery --replicas=3
kubectl rollout status deployment/oven -n bakery --timeout=120s
sleep 5
kubectl set image deployment/oven -n bakery oven=nginx:1.29
kubectl rollout status deployment/oven -n bakery --timeout=120s
