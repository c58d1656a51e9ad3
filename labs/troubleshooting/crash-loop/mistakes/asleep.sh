# fails: front
kubectl patch deployment front -n newsroom -p '{"spec":{"template":{"spec":{"containers":[{"name":"nginx","command":["sleep","1d"]}]}}}}'
kubectl rollout status deployment/front -n newsroom --timeout=60s
