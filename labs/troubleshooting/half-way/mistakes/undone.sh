# fails: rolled
kubectl apply -f till-2.yaml
kubectl rollout status deployment/till -n till --timeout=30s
kubectl rollout undo deployment/till -n till
