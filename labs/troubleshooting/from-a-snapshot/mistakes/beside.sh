# fails: back
mkdir stopped
mv /etc/kubernetes/manifests/etcd.yaml stopped/
sleep 40
etcdutl snapshot restore /var/backups/etcd.db --data-dir=/var/lib/etcd-restored --name=control-plane --initial-cluster=control-plane=https://172.18.0.2:2380 --initial-advertise-peer-urls=https://172.18.0.2:2380
mv stopped/etcd.yaml /etc/kubernetes/manifests/
sleep 120
