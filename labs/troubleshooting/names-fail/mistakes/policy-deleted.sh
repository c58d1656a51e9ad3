# fails: pilot
kubectl get configmap -n kube-system coredns -o yaml | sed 's/cluster.lokal/cluster.local/' | kubectl replace -f -
kubectl rollout restart -n kube-system deployment/coredns
sleep 30
kubectl delete networkpolicy -n pilots only-the-lighthouse
sleep 60
