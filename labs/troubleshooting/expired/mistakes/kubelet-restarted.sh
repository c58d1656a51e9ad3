# fails: node
kubeadm certs renew all
cp /etc/kubernetes/admin.conf /root/.kube/config
kubectl create configmap morning
ssh node-2 systemctl restart kubelet
sleep 60
