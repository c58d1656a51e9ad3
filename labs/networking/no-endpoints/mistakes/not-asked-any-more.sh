# fails: tea
kubectl patch deployment -n bakery tea -p '{"spec":{"template":{"spec":{"containers":[{"name":"kettle","readinessProbe":null}]}}}}'
kubectl rollout status -n bakery deployment/tea
