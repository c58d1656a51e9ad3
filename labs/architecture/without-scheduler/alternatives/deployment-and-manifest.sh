mkdir -p /tmp/aside
mv /etc/kubernetes/manifests/kube-scheduler.yaml /tmp/aside/
sleep 60
cat > manual.yaml <<'YAML'
apiVersion: v1
kind: Pod
metadata:
  name: orphan
spec:
  containers:
  - name: web
    image: httpd:2.4
---
apiVersion: v1
kind: Pod
metadata:
  name: manual
spec:
  nodeName: node-1
  containers:
  - name: web
    image: httpd:2.4
YAML
kubectl apply -f manual.yaml
sleep 45
cp /tmp/aside/kube-scheduler.yaml /etc/kubernetes/manifests/kube-scheduler.yaml
sleep 90
