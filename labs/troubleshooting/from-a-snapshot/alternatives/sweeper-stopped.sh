# into another folder; only etcd and the API server are stopped
kubectl get configmap logbook -o yaml | grep -v -e resourceVersion -e uid > logbook.yaml
mkdir stopped
mv /etc/kubernetes/manifests/etcd.yaml /etc/kubernetes/manifests/kube-apiserver.yaml stopped/
sleep 40
etcdutl snapshot restore /var/backups/etcd.db --data-dir=/var/lib/etcd-restored --bump-revision=1000000 --mark-compacted --name=control-plane --initial-cluster=control-plane=https://172.18.0.2:2380 --initial-advertise-peer-urls=https://172.18.0.2:2380
sed -i 's#path: /var/lib/etcd$#path: /var/lib/etcd-restored#' stopped/etcd.yaml
mv stopped/*.yaml /etc/kubernetes/manifests/
sleep 150
kubectl patch cronjob -n tools sweeper -p '{"spec":{"suspend":true}}'
kubectl replace -f logbook.yaml
sleep 850
