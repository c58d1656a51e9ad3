# the manifest gives way to the ConfigMap's key, and a fourth Pod to the budget
sed -i 's/key: CURRENCY/key: currency/' till-2.yaml
kubectl patch configmap till -n till -p '{"data":{"currency":"CHF"}}'
kubectl apply -f till-2.yaml
kubectl rollout status deployment/till -n till --timeout=120s
sleep 5
kubectl cordon node-2
kubectl scale deployment/till -n till --replicas=5
kubectl rollout status deployment/till -n till --timeout=120s
kubectl drain node-2 --ignore-daemonsets --delete-emptydir-data --timeout=180s
kubectl scale deployment/till -n till --replicas=3
