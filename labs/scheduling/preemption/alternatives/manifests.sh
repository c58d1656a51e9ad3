kubectl apply -f - <<'YAML'
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: { name: urgent }
value: 1000000
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: { name: reports }
value: 200
preemptionPolicy: Never
YAML
kubectl get deployment checkout -n shop -o yaml | sed 's/^      restartPolicy: Always/      priorityClassName: urgent\n      restartPolicy: Always/' | kubectl replace -f -
sleep 60
kubectl apply -n shop -f - <<'YAML'
apiVersion: v1
kind: Pod
metadata: { name: report }
spec:
  priorityClassName: reports
  containers:
  - name: report
    image: nginx:1.29
    resources: { requests: { cpu: "1500m" } }
YAML
sleep 30
kubectl scale deployment batch -n shop --replicas=3
sleep 30
