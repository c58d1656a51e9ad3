# fails: everybody
kubectl apply -n shop -f - <<'YAML'
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: shop
spec:
  parentRefs:
  - name: front
  hostnames: [shop.example]
  rules:
  - backendRefs:
    - { name: shop, port: 80, weight: 90 }
    - { name: shop-next, port: 80, weight: 10 }
YAML
sleep 60
kubectl patch httproute shop -n shop --type=json -p '[{"op":"add","path":"/spec/rules/0","value":{"matches":[{"headers":[{"name":"x-tester","value":"yes"}]}],"backendRefs":[{"name":"shop-next","port":80}]}}]'
sleep 60
kubectl delete deployment -n shop shop
sleep 20
kubectl patch httproute shop -n shop --type=json -p '[{"op":"replace","path":"/spec/rules/1/backendRefs/0/weight","value":0}]'
sleep 60
