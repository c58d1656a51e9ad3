# room first, so that the cluster works again at once; then the quota is set to what it should be
etcdctl compaction $(etcdctl endpoint status -w json | jq '.[0].Status.header.revision')
etcdctl defrag
etcdctl alarm disarm
kubectl create configmap saved --from-literal=a=b
sed -i 's/--quota-backend-bytes=.*/--quota-backend-bytes=4294967296/' /etc/kubernetes/manifests/etcd.yaml
sleep 700
etcdctl alarm disarm
sleep 20
kubectl create configmap still --from-literal=a=b
sleep 60
