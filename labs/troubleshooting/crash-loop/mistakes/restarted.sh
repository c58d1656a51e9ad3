# fails: ticker
kubectl delete pods -n newsroom -l desk=ticker
sleep 10
kubectl rollout restart deployment/ticker -n newsroom
