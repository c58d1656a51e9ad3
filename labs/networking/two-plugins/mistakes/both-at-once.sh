# fails: whole
kubectl apply -f /etc/kubernetes/addons/calico.yaml
sleep 30
