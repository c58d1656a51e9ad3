kubectl get services,endpointslices -n bakery
kubectl get pods -n bakery --show-labels

kubectl set selector service -n bakery bread app=bread

kubectl patch service -n bakery cake -p '{"spec":{"ports":[{"name":"http","port":80,"targetPort":"web"}]}}'

kubectl describe pods -n bakery -l app=tea | grep Unhealthy
kubectl patch deployment -n bakery tea -p '{"spec":{"template":{"spec":{"containers":[{"name":"kettle","readinessProbe":{"httpGet":{"path":"/ready","port":"web"}}}]}}}}'
kubectl rollout status -n bakery deployment/tea

kubectl apply -f - <<'YAML'
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: flour-1
  namespace: bakery
  labels:
    kubernetes.io/service-name: flour
addressType: IPv4
ports:
- { name: http, port: 9000, protocol: TCP }
endpoints:
- addresses: [172.18.0.5]
YAML
sleep 3
kubectl exec -n bakery customer -- curl -s http://flour
