kubectl patch service exhibition -n attic --type=json -p '[{"op":"replace","path":"/spec/ports/0/nodePort","value":30081}]'
kubectl apply -n museum -f - <<'YAML'
apiVersion: v1
kind: Service
metadata: { name: museum }
spec:
  selector: { app: museum }
  ports: [{ name: web, port: 80, targetPort: 8080 }, { name: spare, port: 8080 }]
---
apiVersion: v1
kind: Service
metadata: { name: museum-door }
spec:
  type: NodePort
  selector: { app: museum }
  ports: [{ port: 8080, nodePort: 30080 }]
---
apiVersion: v1
kind: Service
metadata: { name: museum-front }
spec:
  type: LoadBalancer
  externalTrafficPolicy: Local
  selector: { app: museum }
  ports: [{ port: 80, targetPort: 8080 }]
---
apiVersion: v1
kind: Service
metadata: { name: archive }
spec: { type: ExternalName, externalName: archive.example.org }
YAML
