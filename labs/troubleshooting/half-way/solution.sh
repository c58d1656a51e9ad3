kubectl apply -f till-2.yaml
kubectl rollout status deployment/till -n till --timeout=90s
kubectl get replicasets,pods -n till
kubectl events -n till --types=Warning
kubectl patch configmap till -n till -p '{"data":{"CURRENCY":"EUR"}}'
sleep 30
kubectl rollout status deployment/till -n till --timeout=120s
sleep 5

kubectl drain node-2 --ignore-daemonsets --delete-emptydir-data --timeout=20s
kubectl get pdb -n till
kubectl patch pdb till -n till -p '{"spec":{"minAvailable":2}}'
kubectl drain node-2 --ignore-daemonsets --delete-emptydir-data --timeout=180s
