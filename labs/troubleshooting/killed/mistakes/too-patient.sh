# fails: watched
kubectl patch deployment catalogue -n studio -p '{"spec":{"template":{"spec":{"containers":[{"name":"catalogue","livenessProbe":{"failureThreshold":60}}]}}}}'
kubectl rollout status deployment/catalogue -n studio --timeout=120s
