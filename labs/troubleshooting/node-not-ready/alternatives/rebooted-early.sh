# enabled first and tried by a reboot of one's own; the file is taken from a neighbour's and edited there
ssh node-1 systemctl enable kubelet
ssh node-1 reboot
ssh node-3 systemctl enable containerd
ssh node-3 systemctl start containerd
ssh node-2 "sed -i 's#server: .*#server: https://172.18.0.2:6443#' /etc/kubernetes/kubelet.conf"
ssh node-2 reboot
kubectl wait --for=condition=Ready node --all --timeout=180s
kubectl rollout status deployment/press --timeout=180s
sleep 180
