# fails: flour
kubectl apply -f - <<'YAML'
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: flour
  namespace: bakery
addressType: IPv4
ports: [{ name: http, port: 9000 }]
endpoints: [{ addresses: ["172.18.0.5"] }]
YAML
