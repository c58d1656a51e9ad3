# fails: emptied
kubectl patch configmap till -n till -p '{"data":{"CURRENCY":"EUR"}}'
kubectl apply -f till-2.yaml
kubectl rollout status deployment/till -n till --timeout=120s
sleep 5
kubectl delete pdb till -n till
kubectl drain node-2 --ignore-daemonsets --delete-emptydir-data --timeout=120s
