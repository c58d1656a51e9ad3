# fails: enforced
kubectl delete pod -n clinic visitor --force
