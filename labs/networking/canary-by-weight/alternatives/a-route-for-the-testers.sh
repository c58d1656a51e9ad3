cat > route.yaml <<'YAML'
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: visitors, namespace: shop }
spec:
  parentRefs: [{ name: front, sectionName: http }]
  hostnames: ["shop.example"]
  rules:
  - matches: [{ path: { type: PathPrefix, value: / } }]
    backendRefs: [{ name: shop, port: 80 }]
YAML
kubectl apply -f route.yaml
sleep 20
sed -i 's/backendRefs.*/backendRefs: [{ name: shop, port: 80, weight: 6 }, { name: shop-next, port: 80, weight: 1 }]/' route.yaml
kubectl apply -f route.yaml
sleep 60
sed 's/name: visitors/name: testers/; s/matches.*/matches: [{ headers: [{ name: X-Tester, value: "yes" }] }]/; s/backendRefs.*/backendRefs: [{ name: shop-next, port: 80 }]/' route.yaml | kubectl apply -f -
sleep 60
sed -i 's/backendRefs.*/backendRefs: [{ name: shop-next, port: 80 }]/' route.yaml
kubectl apply -f route.yaml
sleep 60
