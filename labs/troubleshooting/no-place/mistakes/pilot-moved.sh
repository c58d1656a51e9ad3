# fails: pilot
kubectl patch deployment pilot -n harbour --type=json -p '[{"op":"remove","path":"/spec/template/spec/nodeSelector"}]'
kubectl rollout status deployment/pilot -n harbour --timeout=60s
