# fails: darkroom
kubectl patch deployment darkroom -n studio --type=json -p '[{"op":"remove","path":"/spec/template/spec/containers/0/resources"}]'
kubectl rollout status deployment/darkroom -n studio --timeout=60s
