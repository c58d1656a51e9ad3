# fails: system
systemctl restart kubelet
kubectl delete pod -n kube-system kube-scheduler-control-plane
sleep 60
