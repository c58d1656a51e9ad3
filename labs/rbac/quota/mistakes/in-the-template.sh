# fails: defaults
kubectl set resources deployment/oven -n bakery --requests=cpu=100m,memory=64Mi --limits=cpu=200m,memory=128Mi
kubectl rollout status deployment/oven -n bakery --timeout=120s
