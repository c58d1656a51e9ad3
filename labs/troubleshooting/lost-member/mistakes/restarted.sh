# fails: whole
ssh control-plane-2 systemctl restart kubelet
ssh control-plane-2 'crictl stop $(crictl ps --name etcd -q)'
sleep 40
