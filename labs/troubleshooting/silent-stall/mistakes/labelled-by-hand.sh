# fails: stays
kubectl patch deployment stall -n market -p '{"spec":{"template":{"spec":{"containers":[{"name":"stall","readinessProbe":{"httpGet":{"path":"/ready"}}}]}}}}'
kubectl rollout status deployment/stall -n market --timeout=60s
sleep 10
kubectl label pods -n market -l app=stall tier=web --overwrite
kubectl patch service stall -n market -p '{"spec":{"ports":[{"port":80,"targetPort":8000}]}}'
kubectl patch networkpolicy customers-only -n market --type=json -p '[{"op":"replace","path":"/spec/ingress/0/ports/0/port","value":8000}]'
