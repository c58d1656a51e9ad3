# fails: served
kubectl patch configmap till -n till -p '{"data":{"CURRENCY":"EUR"}}'
kubectl delete deployment till -n till
kubectl apply -f till-2.yaml
kubectl rollout status deployment/till -n till --timeout=120s
sleep 5
kubectl patch pdb till -n till -p '{"spec":{"minAvailable":2}}'
kubectl drain node-2 --ignore-daemonsets --delete-emptydir-data --timeout=180s
