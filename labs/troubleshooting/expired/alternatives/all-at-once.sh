# everything is renewed, and everything restarted, before anything else; later only what has expired since
kubeadm certs renew all
cp /etc/kubernetes/admin.conf /root/.kube/config
mkdir -p /tmp/aside
mv /etc/kubernetes/manifests/*.yaml /tmp/aside/
sleep 40
mv /tmp/aside/*.yaml /etc/kubernetes/manifests/
sleep 120
kubectl create configmap morning --from-literal=is=bright
kubeadm kubeconfig user --client-name=system:node:node-2 --org=system:nodes > kubelet.conf
ssh node-2 'cat > /etc/kubernetes/kubelet.conf' < kubelet.conf
ssh node-2 systemctl restart kubelet
kubectl run early --image=nginx:1.29
sleep 60
kubeadm certs renew apiserver
crictl rm -f $(crictl ps --name kube-apiserver -q)
sleep 120
kubectl run late --image=nginx:1.29
sleep 120
