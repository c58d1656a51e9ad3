# fails: again
etcdctl member remove $(etcdctl member list | grep 172.18.0.3 | cut -d, -f1)
etcdctl member add control-plane-2 --peer-urls=https://172.18.0.3:2380
ssh control-plane-2 mv /etc/kubernetes/manifests/etcd.yaml /root/
sleep 20
ssh control-plane-2 rm -rf /var/lib/etcd/member
ssh control-plane-2 "sed -i 's#--initial-cluster=#--initial-cluster=control-plane-3=https://172.18.0.4:2380,#' /root/etcd.yaml"
ssh control-plane-2 mv /root/etcd.yaml /etc/kubernetes/manifests/
kubectl --server https://172.18.0.2:6443 wait --for=condition=Ready node/control-plane-2 --timeout=400s
sleep 30
ssh control-plane-3 mv /etc/kubernetes/manifests/etcd.yaml /root/
sleep 20
etcdctl member remove $(etcdctl member list | grep 172.18.0.4 | cut -d, -f1)
kubectl --server https://172.18.0.2:6443 create configmap still
sleep 60
