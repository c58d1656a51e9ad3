# fails: lasting
etcdctl compaction $(etcdctl endpoint status -w json | jq '.[0].Status.header.revision')
etcdctl defrag
etcdctl alarm disarm
kubectl create configmap saved
sleep 640
kubectl create configmap still
sleep 30
