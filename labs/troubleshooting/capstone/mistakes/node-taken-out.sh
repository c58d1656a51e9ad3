# fails: nodes
kubectl delete node node-2
sed -i /--leader-elect-timeout/d /etc/kubernetes/manifests/kube-scheduler.yaml
sleep 60
