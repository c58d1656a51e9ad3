# fails: nodes
ssh node-2 systemctl restart containerd
ssh node-3 systemctl stop containerd
sleep 60
ssh node-2 systemctl enable --now kubelet
kubectl cordon node-1
ssh node-3 systemctl start containerd
sleep 60
