scheduler=$(kubectl get pods -n kube-system -l component=kube-scheduler -o jsonpath='{.items[0].spec.nodeName}')
dns=$(kubectl get service -n kube-system kube-dns -o jsonpath='{.spec.clusterIP}')
kubectl apply -f - <<YAML
apiVersion: v1
kind: ConfigMap
metadata: { name: findings }
data: { scheduler: "$scheduler", dns: "$dns" }
---
apiVersion: v1
kind: Namespace
metadata: { name: tour }
---
apiVersion: v1
kind: Pod
metadata: { name: hello, namespace: tour }
spec:
  containers:
  - { name: web, image: "nginx:1.29" }
YAML
sleep 20
kubectl patch node "$(kubectl get pod -n tour hello -o jsonpath='{.spec.nodeName}')" -p '{"metadata":{"labels":{"tour":"visited"}}}'
