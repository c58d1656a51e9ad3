# fails: scheduled
kubeadm certs renew admin.conf
cp /etc/kubernetes/admin.conf /root/.kube/config
kubectl create configmap morning
kubectl run early --image=nginx:1.29
mv /etc/kubernetes/manifests/kube-scheduler.yaml /root/
sleep 25
mv /root/kube-scheduler.yaml /etc/kubernetes/manifests/
sleep 60
