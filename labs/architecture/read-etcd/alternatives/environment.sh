export ETCDCTL_ENDPOINTS=https://127.0.0.1:2379
export ETCDCTL_CACERT=/etc/kubernetes/pki/etcd/ca.crt
export ETCDCTL_CERT=/etc/kubernetes/pki/etcd/healthcheck-client.crt
export ETCDCTL_KEY=/etc/kubernetes/pki/etcd/healthcheck-client.key
etcdctl get / --prefix --keys-only | grep vault > key
etcdctl get "$(cat key)" --print-value-only | grep -o '"password":"[^"]*"' | cut -d'"' -f4 | base64 -d > password
sleep 3
kubectl delete secret -n safe vault
kubectl create secret generic vault -n safe --from-literal=password=another
sleep 3
mkdir -p /var/backups
etcdctl snapshot save /var/backups/etcd.db
