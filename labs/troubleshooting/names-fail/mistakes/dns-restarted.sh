# fails: zone
kubectl rollout restart -n kube-system deployment/coredns
kubectl rollout restart -n sea deployment/ferry
sleep 60
