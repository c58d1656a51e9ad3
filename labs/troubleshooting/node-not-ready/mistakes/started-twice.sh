# fails: lasting
ssh node-1 systemctl start kubelet
ssh node-3 systemctl enable --now containerd
ssh node-2 "sed -i 's/:6433/:6443/' /etc/kubernetes/kubelet.conf"
ssh node-2 systemctl restart kubelet
kubectl wait --for=condition=Ready node --all --timeout=120s
kubectl rollout status deployment/press --timeout=180s
sleep 90
ssh node-1 systemctl start kubelet
sleep 180
