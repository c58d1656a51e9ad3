kubectl exec -n market customer -- wget -qO- -T 2 http://stall
kubectl describe service stall -n market
kubectl get pods -n market --show-labels
kubectl set selector service stall -n market app=stall

kubectl describe pods -n market -l app=stall | grep Unhealthy
kubectl patch deployment stall -n market -p '{"spec":{"template":{"spec":{"containers":[{"name":"stall","readinessProbe":{"httpGet":{"path":"/ready","port":"http"}}}]}}}}'
kubectl rollout status deployment/stall -n market --timeout=60s

kubectl patch service stall -n market -p '{"spec":{"ports":[{"port":80,"targetPort":"http"}]}}'
sleep 3
kubectl exec -n market customer -- wget -qO- -T 2 http://stall
packets -h
kubectl get networkpolicy customers-only -n market -o yaml
kubectl patch networkpolicy customers-only -n market --type=json -p '[{"op":"replace","path":"/spec/ingress/0/ports/0/port","value":"http"}]'
sleep 3
kubectl exec -n market customer -- wget -qO- -T 2 http://stall
