# fails: known
cp /etc/kubernetes/admin.conf /root/.kube/config
kubectl create configmap morning
kubectl --insecure-skip-tls-verify create configmap morning
