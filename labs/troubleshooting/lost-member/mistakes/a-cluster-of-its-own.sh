# fails: whole
ssh control-plane-2 mv /etc/kubernetes/manifests/etcd.yaml /root/
sleep 20
ssh control-plane-2 rm -rf /var/lib/etcd/member
ssh control-plane-2 sed -i -e 's#--initial-cluster=.*#--initial-cluster=control-plane-2=https://172.18.0.3:2380#' -e /initial-cluster-state/d /root/etcd.yaml
ssh control-plane-2 mv /root/etcd.yaml /etc/kubernetes/manifests/
sleep 120
etcdctl member list
