# fails: answers
kubectl exec -n market customer -- wget -qO- -T 2 http://stall
kubectl set selector service stall -n market app=stall
kubectl patch deployment stall -n market -p '{"spec":{"template":{"spec":{"containers":[{"name":"stall","readinessProbe":{"httpGet":{"path":"/ready"}}}]}}}}'
kubectl rollout status deployment/stall -n market --timeout=60s
kubectl delete networkpolicy customers-only -n market
