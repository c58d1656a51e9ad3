kubectl create secret generic door -n shop --type=kubernetes.io/tls --from-file=tls.crt --from-file=tls.key
kubectl apply -n shop -f - <<'YAML'
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: pages }
spec:
  ingressClassName: nginx
  tls: [{ hosts: [shop.example], secretName: door }]
  rules:
  - host: shop.example
    http:
      paths:
      - { path: /about, pathType: Exact, backend: { service: { name: web, port: { number: 80 } } } }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: orders
  annotations: { nginx.ingress.kubernetes.io/rewrite-target: /orders }
spec:
  ingressClassName: nginx
  rules:
  - host: shop.example
    http:
      paths:
      - { path: /api/orders, pathType: ImplementationSpecific, backend: { service: { name: api, port: { number: 80 } } } }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: everybody-else }
spec:
  ingressClassName: nginx
  rules:
  - http:
      paths:
      - { path: /, pathType: Prefix, backend: { service: { name: closed, port: { number: 80 } } } }
YAML
sleep 40
