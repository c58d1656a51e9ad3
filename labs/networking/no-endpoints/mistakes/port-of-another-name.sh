# fails: flour
kubectl apply -f - <<'YAML'
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: flour-1
  namespace: bakery
  labels: { kubernetes.io/service-name: flour }
addressType: IPv4
ports: [{ port: 9000 }]
endpoints: [{ addresses: ["172.18.0.5"] }]
YAML
