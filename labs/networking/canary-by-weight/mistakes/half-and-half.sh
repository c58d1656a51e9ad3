# fails: canary
kubectl apply -n shop -f - <<'YAML'
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec:
  parentRefs: [{ name: front }]
  hostnames: [shop.example]
  rules: [{ backendRefs: [{ name: shop, port: 80 }, { name: shop-next, port: 80 }] }]
YAML
sleep 60
