kubectl run parcel --image=nginx:1.29
kubectl describe pod parcel | tail -1
kubectl get pods -n kube-system
journalctl -u kubelet --no-pager | tail -3
sed -i 's/^ containers:/  containers:/' /etc/kubernetes/manifests/kube-scheduler.yaml
kubectl wait --for=condition=Ready pod/parcel --timeout=120s

kubectl logs -n kube-system kube-controller-manager-control-plane
grep key-file /etc/kubernetes/manifests/kube-controller-manager.yaml
sed -i 's#pki/as.key#pki/sa.key#' /etc/kubernetes/manifests/kube-controller-manager.yaml
kubectl create deployment letters --image=nginx:1.29 --replicas=2
sleep 120

kubectl get nodes
crictl ps -a
crictl logs $(crictl ps -a --name kube-apiserver -q | head -1) 2>&1 | tail -2
ss -tlnp | grep etcd
sed -i 's/2397/2379/' /etc/kubernetes/manifests/kube-apiserver.yaml
sleep 240
kubectl get pods -n kube-system
