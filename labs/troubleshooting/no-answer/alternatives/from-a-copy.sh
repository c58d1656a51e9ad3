# the manifests are written anew outside of the folder and put back as a whole
kubectl run parcel --image=nginx:1.29
sed 's/^ containers:/  containers:/' /etc/kubernetes/manifests/kube-scheduler.yaml > /root/kube-scheduler.yaml
mv /root/kube-scheduler.yaml /etc/kubernetes/manifests/kube-scheduler.yaml
sleep 60
kubectl create deployment letters --image=httpd:2.4 --replicas=2
sed 's#pki/as.key#pki/sa.key#' /etc/kubernetes/manifests/kube-controller-manager.yaml > /root/kube-controller-manager.yaml
mv /root/kube-controller-manager.yaml /etc/kubernetes/manifests/
sleep 180
systemctl status kubelet | head -3
crictl ps -a
sed 's/127.0.0.1:2397/127.0.0.1:2379/' /etc/kubernetes/manifests/kube-apiserver.yaml > /root/kube-apiserver.yaml
cp /root/kube-apiserver.yaml /etc/kubernetes/manifests/kube-apiserver.yaml
sleep 300
