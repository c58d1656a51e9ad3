kubectl get nodes
crictl logs $(crictl ps --name kube-apiserver -q) 2>&1 | grep authenticate | tail -1
kubeadm certs check-expiration
kubeadm certs renew admin.conf
cp /etc/kubernetes/admin.conf /root/.kube/config
kubectl create configmap morning
kubectl get nodes

kubectl run early --image=nginx:1.29
kubectl logs -n kube-system kube-scheduler-control-plane --tail=2
kubeadm certs renew scheduler.conf
mv /etc/kubernetes/manifests/kube-scheduler.yaml /root/
sleep 25
mv /root/kube-scheduler.yaml /etc/kubernetes/manifests/
sleep 60

kubectl get pods
openssl x509 -in /etc/kubernetes/pki/apiserver.crt -noout -enddate
kubeadm certs renew apiserver
mv /etc/kubernetes/manifests/kube-apiserver.yaml /root/
sleep 25
mv /root/kube-apiserver.yaml /etc/kubernetes/manifests/
sleep 90
kubectl run late --image=nginx:1.29
kubectl wait --for=condition=Ready pod/late --timeout=120s

ssh node-2 "journalctl -u kubelet | tail -1"
kubeadm kubeconfig user --client-name=system:node:node-2 --org=system:nodes > kubelet.conf
ssh node-2 'cat > /etc/kubernetes/kubelet.conf' < kubelet.conf
ssh node-2 systemctl restart kubelet
kubectl wait --for=condition=Ready node/node-2 --timeout=120s
sleep 90
