# fails: violin
kubectl patch deployment -n orchestra violin --type=json -p '[{"op":"remove","path":"/spec/template/spec/containers/0/readinessProbe"}]'
