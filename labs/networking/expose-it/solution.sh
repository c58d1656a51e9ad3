kubectl expose deployment museum -n museum --port=80 --target-port=8080

kubectl get services -A
kubectl patch service exhibition -n attic --type=merge -p '{"spec":{"type":"ClusterIP"}}'
kubectl apply -f - <<'YAML'
apiVersion: v1
kind: Service
metadata:
  name: museum-door
  namespace: museum
spec:
  type: NodePort
  selector: { app: museum }
  ports:
  - { port: 80, targetPort: 8080, nodePort: 30080 }
YAML

kubectl expose deployment museum -n museum --name=museum-front --type=LoadBalancer --port=80 --target-port=8080
kubectl wait -n museum --for=jsonpath='{.status.loadBalancer.ingress}' service/museum-front --timeout=60s
kubectl patch service museum-front -n museum -p '{"spec":{"externalTrafficPolicy":"Local"}}'

kubectl create service externalname archive -n museum --external-name=archive.example.org
