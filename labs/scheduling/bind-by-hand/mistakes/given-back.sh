# fails: first
kubectl patch deployment letters -n post -p '{"spec":{"template":{"spec":{"schedulerName":"default-scheduler"}}}}'
kubectl rollout status deployment/letters -n post
