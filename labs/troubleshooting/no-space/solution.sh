kubectl get nodes
kubectl create configmap saved
etcdctl endpoint status -w table
etcdctl alarm list
grep quota /etc/kubernetes/manifests/etcd.yaml
sed -i /quota-backend-bytes/d /etc/kubernetes/manifests/etcd.yaml
sleep 60
etcdctl compaction $(etcdctl endpoint status -w json | jq '.[0].Status.header.revision')
etcdctl defrag
etcdctl alarm disarm
sleep 30
kubectl create configmap saved
sleep 620
kubectl create configmap still
kubectl get nodes
sleep 30
