# fails: whole
ssh control-plane-2 "sed -i 's#--initial-cluster=#--initial-cluster=control-plane-3=https://172.18.0.4:2380,#' /etc/kubernetes/manifests/etcd.yaml"
sleep 120
ssh control-plane-2 'crictl logs $(crictl ps -a --name etcd -q | head -1) 2>&1 | tail -1'
sleep 30
