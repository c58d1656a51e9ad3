kubeadm upgrade plan
kubeadm upgrade apply v1.34.2
kubeadm upgrade apply v1.36.0
kubeadm upgrade apply 1.32.0
kubeadm upgrade apply
apt-cache madison kubeadm
apt-mark hold kubeadm
apt-get install -y kubeadm=1.34.2-1.1
apt-mark unhold kubeadm
apt-get install -y kubeadm='1.34.2-*'
echo n | kubeadm upgrade apply v1.34.2
sed -i 's/ - --profiling=false//; s/--authorization-mode=Node,RBAC/--authorization-mode=RBAC,Node/' /etc/kubernetes/manifests/kube-apiserver.yaml
sleep 60
kubeadm upgrade apply v1.34.2 -y 2>/dev/null | sed 's/kubeadm-\([a-z-]*\)[0-9-]*/kubeadm-\1N/g'
kubectl version | tail -1
grep authorization-mode /etc/kubernetes/manifests/kube-apiserver.yaml
kubectl get nodes -o custom-columns=NAME:.metadata.name,VERSION:.status.nodeInfo.kubeletVersion
kubectl -n kube-system get pods -l tier=control-plane -o custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[0].image
kubectl drain node-1 --ignore-daemonsets 2>&1 | grep -c -e cordoned -e drained
kubectl get configmap kubelet-config -n kube-system -o jsonpath='{.data.kubelet}' | grep staticPodPath
ssh node-1 apt-get install -y kubeadm=1.34.2-1.1 | tail -1
ssh node-1 kubeadm upgrade node 2>/dev/null | sed 's/kubelet-config[0-9]*/kubelet-configN/g'
ssh node-1 apt-get install -y kubelet=1.34.2-1.1 | tail -1
ssh node-1 systemctl restart kubelet
sleep 15
kubectl uncordon node-1
kubectl get nodes -o custom-columns=NAME:.metadata.name,VERSION:.status.nodeInfo.kubeletVersion
kubeadm upgrade plan | sed -n '/must be upgraded/,/^$/p'
