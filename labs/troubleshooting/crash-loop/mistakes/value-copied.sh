# fails: ticker
sleep 30
kubectl logs deployment/ticker -n newsroom --previous
kubectl set env deployment/ticker -n newsroom WIRE_URL=http://agency/wire
kubectl rollout status deployment/ticker -n newsroom --timeout=60s
