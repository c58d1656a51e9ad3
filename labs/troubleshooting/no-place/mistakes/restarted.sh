# fails: made
kubectl rollout restart deployment/cranes -n harbour
kubectl delete pods --all -n harbour
