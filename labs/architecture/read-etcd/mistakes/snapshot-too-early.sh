# fails: snapshot
mkdir -p /var/backups
etcdctl --endpoints=https://127.0.0.1:2379 --cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key snapshot save /var/backups/etcd.db
echo /registry/secrets/safe/vault > key
echo open-sesame > password
sleep 3
kubectl patch secret -n safe vault -p '{"stringData":{"password":"close-sesame"}}'
