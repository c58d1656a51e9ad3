# fails: whole
etcdctl member remove $(etcdctl member list | grep 172.18.0.3 | cut -d, -f1)
etcdctl member add control-plane-2 --peer-urls=https://172.18.0.3:2380
ssh control-plane-2 rm -rf /var/lib/etcd/member
sleep 60
