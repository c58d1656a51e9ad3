# fails: watched
kubectl patch deployment catalogue -n studio --type=json -p '[{"op":"remove","path":"/spec/template/spec/containers/0/livenessProbe"}]'
kubectl rollout status deployment/catalogue -n studio --timeout=120s
