# fails: whole
etcdctl member remove $(etcdctl member list | grep 172.18.0.3 | cut -d, -f1)
ssh control-plane-2 rm -rf /var/lib/etcd/member
sleep 60
