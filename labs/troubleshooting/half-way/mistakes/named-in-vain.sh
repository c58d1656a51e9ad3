# fails: rolled
kubectl apply -f till-2.yaml
kubectl patch configmap till -n till -p '{"data":{"CURRENCY":"euro"}}'
kubectl rollout restart deployment/till -n till
