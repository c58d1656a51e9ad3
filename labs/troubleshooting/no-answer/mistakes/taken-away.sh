# fails: lasting
kubectl run parcel --image=nginx:1.29
sed -i 's/^ containers:/  containers:/' /etc/kubernetes/manifests/kube-scheduler.yaml
sleep 60
sed -i 's#pki/as.key#pki/sa.key#' /etc/kubernetes/manifests/kube-controller-manager.yaml
kubectl create deployment letters --image=nginx:1.29 --replicas=2
sleep 120
sed -i 's/2397/2379/' /etc/kubernetes/manifests/kube-apiserver.yaml
mv /etc/kubernetes/manifests/kube-scheduler.yaml /root/
sleep 300
