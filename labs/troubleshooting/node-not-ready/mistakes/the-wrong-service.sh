# fails: runtime
ssh node-3 systemctl enable --now kubelet
ssh node-3 systemctl restart kubelet
sleep 60
