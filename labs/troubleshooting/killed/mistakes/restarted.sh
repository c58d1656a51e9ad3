# fails: catalogue
kubectl rollout restart deployment/catalogue -n studio
