# fails: stopped
kubectl delete pod -n kube-system kube-scheduler-control-plane
sleep 60
