# fails: front
kubectl logs deployment/front -n newsroom
kubectl patch deployment front -n newsroom --type=json -p '[{"op":"remove","path":"/spec/template/spec/containers/0/volumeMounts"},{"op":"remove","path":"/spec/template/spec/volumes"}]'
kubectl rollout status deployment/front -n newsroom --timeout=60s
