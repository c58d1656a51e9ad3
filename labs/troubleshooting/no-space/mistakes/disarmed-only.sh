# fails: saved
etcdctl alarm disarm
sleep 20
kubectl create configmap saved
sleep 30
