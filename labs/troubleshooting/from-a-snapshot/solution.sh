kubectl get namespaces
kubectl get cronjobs,jobs -A
kubectl get cronjob -n tools sweeper -o yaml | grep -A8 command
etcdutl snapshot status /var/backups/etcd.db -w table
kubectl get configmap logbook -o yaml
kubectl get configmap logbook -o jsonpath='{.data.tuesday}' > tuesday

mkdir stopped
mv /etc/kubernetes/manifests/*.yaml stopped/
sleep 40
crictl ps
mv /var/lib/etcd/member /root/
etcdutl snapshot restore /var/backups/etcd.db --data-dir=/var/lib/etcd --name=control-plane --initial-cluster=control-plane=https://172.18.0.2:2380 --initial-advertise-peer-urls=https://172.18.0.2:2380 --bump-revision=1000000 --mark-compacted
mv stopped/*.yaml /etc/kubernetes/manifests/
sleep 120

kubectl get namespaces --show-labels
kubectl label namespace archive retention=forever --overwrite
kubectl patch configmap logbook --type=merge -p "{\"data\":{\"tuesday\":\"$(cat tuesday)\"}}"
kubectl get pods -n archive
ssh node-1 crictl ps
sleep 800
