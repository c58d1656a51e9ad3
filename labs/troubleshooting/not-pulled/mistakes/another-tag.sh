# fails: hall
kubectl set image deployment/hall -n gallery hall=nginx:1.27
kubectl rollout status deployment/hall -n gallery --timeout=60s
