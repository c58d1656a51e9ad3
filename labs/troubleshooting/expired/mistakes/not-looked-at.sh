# fails: believed
kubeadm certs renew admin.conf
cp /etc/kubernetes/admin.conf /root/.kube/config
kubectl create configmap morning
kubectl run early --image=nginx:1.29
kubeadm certs renew scheduler.conf
mv /etc/kubernetes/manifests/kube-scheduler.yaml /root/
sleep 25
mv /root/kube-scheduler.yaml /etc/kubernetes/manifests/
sleep 90
kubectl --insecure-skip-tls-verify run late --image=nginx:1.29
sleep 60
