kubectl uncordon node-3
kubectl delete deployment cranes -n harbour
kubectl apply -f - <<'YAML'
apiVersion: apps/v1
kind: Deployment
metadata: { name: cranes, namespace: harbour }
spec:
  replicas: 3
  selector: { matchLabels: { app: cranes } }
  template:
    metadata: { labels: { app: cranes } }
    spec:
      affinity:
        nodeAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            nodeSelectorTerms: [{ matchExpressions: [{ key: harbour.example/quay, operator: In, values: [deep] }] }]
      tolerations: [{ key: harbour.example/quay, operator: Exists }]
      containers:
        - { name: crane, image: "nginx:1.29", resources: { requests: { cpu: 500m }, limits: { cpu: 600m } } }
YAML
