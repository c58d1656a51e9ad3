# fails: testers
kubectl apply -n shop -f - <<'YAML'
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec:
  parentRefs: [{ name: front }]
  hostnames: [shop.example]
  rules:
  - matches: [{ path: { type: PathPrefix, value: /tester } }]
    backendRefs: [{ name: shop-next, port: 80 }]
  - backendRefs: [{ name: shop, port: 80, weight: 90 }, { name: shop-next, port: 80, weight: 10 }]
YAML
sleep 90
