# fails: kept
mkdir stopped
mv /etc/kubernetes/manifests/*.yaml stopped/
sleep 40
rm -rf /var/lib/etcd/member
etcdutl snapshot restore /var/backups/etcd.db --data-dir=/var/lib/etcd --name=control-plane --initial-cluster=control-plane=https://172.18.0.2:2380 --initial-advertise-peer-urls=https://172.18.0.2:2380 --bump-revision=1000000 --mark-compacted
mv stopped/*.yaml /etc/kubernetes/manifests/
sleep 120
kubectl label namespace archive retention-
sleep 30
