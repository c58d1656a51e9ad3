kubectl get ingressclass
kubectl create ingress web -n shop --class=nginx --rule='shop.example/*=web:80'

kubectl apply -n shop -f - <<'YAML'
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: api
  annotations:
    nginx.ingress.kubernetes.io/rewrite-target: /$2
spec:
  ingressClassName: nginx
  rules:
  - host: shop.example
    http:
      paths:
      - path: /api(/|$)(.*)
        pathType: ImplementationSpecific
        backend:
          service: { name: api, port: { name: http } }
YAML

kubectl create secret tls shop -n shop --cert=tls.crt --key=tls.key
kubectl patch ingress web -n shop --type=json -p '[{"op":"add","path":"/spec/tls","value":[{"hosts":["shop.example"],"secretName":"shop"}]}]'

kubectl create ingress closed -n shop --class=nginx --default-backend=closed:80
sleep 30
kubectl get pods -n shop
