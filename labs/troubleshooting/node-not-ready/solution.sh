kubectl get nodes
kubectl describe node node-1 | grep -A6 ^Conditions
ssh node-1 systemctl status kubelet
ssh node-1 systemctl enable --now kubelet

ssh node-2 systemctl status kubelet
ssh node-2 "journalctl -u kubelet | tail -3"
ssh node-2 grep server: /etc/kubernetes/kubelet.conf
ssh node-2 "sed -i 's/:6433/:6443/' /etc/kubernetes/kubelet.conf"
ssh node-2 systemctl restart kubelet

kubectl describe node node-3 | grep Ready
ssh node-3 crictl ps
ssh node-3 systemctl enable --now containerd

kubectl wait --for=condition=Ready node --all --timeout=120s
kubectl rollout status deployment/press --timeout=180s
sleep 150
kubectl get nodes
