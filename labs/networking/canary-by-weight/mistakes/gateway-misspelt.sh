# fails: route
kubectl apply -n shop -f - <<'YAML'
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec:
  parentRefs: [{ name: gateway }]
  hostnames: [shop.example]
  rules: [{ backendRefs: [{ name: shop, port: 80 }] }]
YAML
