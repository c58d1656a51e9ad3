grep -E 'client-urls|cert-file|key-file|trusted-ca' /etc/kubernetes/manifests/etcd.yaml
e() { etcdctl --endpoints=https://127.0.0.1:2379 --cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key "$@"; }
e endpoint status -w table
e get /registry/secrets --prefix --keys-only
echo /registry/secrets/safe/vault > key

e get /registry/secrets/safe/vault
kubectl get secret -n safe vault -o jsonpath='{.data.password}' | base64 -d > password
cat password
sleep 3

kubectl patch secret -n safe vault -p '{"stringData":{"password":"close-sesame"}}'
e get /registry/secrets/safe/vault -w fields
sleep 3
mkdir -p /var/backups
e snapshot save /var/backups/etcd.db
