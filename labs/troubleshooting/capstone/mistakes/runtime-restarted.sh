# fails: nodes
ssh node-3 systemctl stop containerd
ssh node-2 systemctl restart containerd
sleep 60
