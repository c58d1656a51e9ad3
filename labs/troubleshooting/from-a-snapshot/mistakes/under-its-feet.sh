# fails: back
etcdutl snapshot restore /var/backups/etcd.db --data-dir=/var/lib/etcd --name=control-plane --initial-cluster=control-plane=https://172.18.0.2:2380 --initial-advertise-peer-urls=https://172.18.0.2:2380
sleep 60
