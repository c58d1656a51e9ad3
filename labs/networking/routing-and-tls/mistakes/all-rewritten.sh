# fails: api
kubectl create ingress web -n shop --class=nginx --rule='shop.example/*=web:80'
sleep 15
kubectl apply -n shop -f - <<'YAML'
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  annotations: { nginx.ingress.kubernetes.io/rewrite-target: /$2 }
spec:
  ingressClassName: nginx
  rules:
  - host: shop.example
    http:
      paths:
      - { path: /api(/|$)(.*), pathType: ImplementationSpecific, backend: { service: { name: api, port: { number: 80 } } } }
      - { path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }
YAML
