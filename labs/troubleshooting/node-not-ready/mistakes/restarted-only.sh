# fails: deaf
ssh node-2 systemctl enable kubelet
ssh node-2 systemctl restart kubelet
sleep 90
