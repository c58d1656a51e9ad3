# the Pods fit the Services, instead of the Services the Pods
kubectl patch deployment -n bakery cake -p '{"spec":{"template":{"spec":{"containers":[{"name":"oven","ports":[{"name":"http","containerPort":8080}]}]}}}}'
kubectl label pods -n bakery -l app=bread app.kubernetes.io/part-of=bakery
kubectl patch service -n bakery bread -p '{"spec":{"selector":{"app":null,"app.kubernetes.io/part-of":"bakery"}}}'
kubectl patch deployment -n bakery tea -p '{"spec":{"template":{"spec":{"containers":[{"name":"kettle","readinessProbe":{"httpGet":null,"tcpSocket":{"port":8080}}}]}}}}'
kubectl rollout status -n bakery deployment/tea
kubectl rollout status -n bakery deployment/cake
kubectl apply -f - <<'YAML'
apiVersion: v1
kind: Service
metadata:
  name: flour
  namespace: bakery
spec:
  ports:
  - { name: grain, port: 80, targetPort: 9000 }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  generateName: flour-
  name: by-hand
  namespace: bakery
  labels: { kubernetes.io/service-name: flour, endpointslice.kubernetes.io/managed-by: me }
addressType: IPv4
ports: [{ name: grain, port: 9000 }]
endpoints: [{ addresses: ["172.18.0.5"], conditions: { ready: true } }]
YAML
