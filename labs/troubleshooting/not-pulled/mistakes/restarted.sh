# fails: hall
kubectl events -n gallery --types=Warning
kubectl rollout restart deployment/hall -n gallery
