kubectl describe rs -n bakery | tail -4
kubectl describe quota -n bakery
kubectl apply -f - <<'YAML'
apiVersion: v1
kind: LimitRange
metadata: { name: containers, namespace: bakery }
spec:
  limits:
  - type: Container
    defaultRequest: { cpu: 100m, memory: 64Mi }
    default: { cpu: 200m, memory: 128Mi }
    max: { cpu: 400m }
YAML
kubectl patch deployment oven -n bakery -p '{"spec":{"strategy":{"rollingUpdate":{"maxSurge":0,"maxUnavailable":1}}}}'
kubectl rollout restart deployment/oven -n bakery
kubectl rollout status deployment/oven -n bakery --timeout=120s
kubectl describe quota -n bakery
kubectl set image deployment/oven -n bakery oven=nginx:1.29
kubectl rollout status deployment/oven -n bakery --timeout=120s
