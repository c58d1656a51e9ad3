# the Pods get the label that is looked for, and the policy no port at all
kubectl patch deployment stall -n market -p '{"spec":{"template":{"metadata":{"labels":{"tier":"web"}},"spec":{"containers":[{"name":"stall","readinessProbe":{"httpGet":null,"tcpSocket":{"port":8000}}}]}}}}'
kubectl rollout status deployment/stall -n market --timeout=60s
kubectl delete service stall -n market
kubectl create service clusterip stall -n market --tcp=80:8000
kubectl patch service stall -n market -p '{"spec":{"selector":{"app":"stall","tier":"web"}}}'
kubectl patch networkpolicy customers-only -n market --type=json -p '[{"op":"remove","path":"/spec/ingress/0/ports"}]'
