etcdctl endpoint health --cluster
etcdctl member list -w table
ssh control-plane-2 'crictl logs $(crictl ps -a --name etcd -q | head -1) 2>&1 | tail -3'
etcdctl member remove $(etcdctl member list | grep 172.18.0.3 | cut -d, -f1)
etcdctl member add control-plane-2 --peer-urls=https://172.18.0.3:2380 | tee added
ssh control-plane-2 mv /etc/kubernetes/manifests/etcd.yaml /root/
sleep 20
ssh control-plane-2 rm -rf /var/lib/etcd/member
grep ETCD_INITIAL_CLUSTER= added
ssh control-plane-2 "sed -i 's#--initial-cluster=.*#--initial-cluster=$(grep ETCD_INITIAL_CLUSTER= added | cut -d'"' -f2)#' /root/etcd.yaml"
ssh control-plane-2 grep initial-cluster /root/etcd.yaml
ssh control-plane-2 mv /root/etcd.yaml /etc/kubernetes/manifests/
kubectl --server https://172.18.0.2:6443 wait --for=condition=Ready node/control-plane-2 --timeout=400s
etcdctl endpoint status --cluster -w table
kubectl get nodes

sleep 90
etcdctl endpoint health --cluster
kubectl --server https://172.18.0.2:6443 create configmap still
etcdctl member remove $(etcdctl member list | grep 172.18.0.4 | cut -d, -f1)
etcdctl member add control-plane-3 --peer-urls=https://172.18.0.4:2380
ssh control-plane-3 rm -rf /var/lib/etcd/member
ssh control-plane-3 'crictl stop $(crictl ps --name etcd -q)'
kubectl --server https://172.18.0.2:6443 wait --for=condition=Ready node/control-plane-3 --timeout=600s
etcdctl member list
kubectl get nodes
sleep 30
