# fails: lasting
ssh node-2 systemctl start kubelet
sed -i /--leader-elect-timeout/d /etc/kubernetes/manifests/kube-scheduler.yaml
kubectl delete quota -n market team-limits
kubectl get configmap -n kube-system coredns -o yaml | sed 's/cluster.lokal/cluster.local/' | kubectl replace -f -
sleep 45
kubectl delete pods -n kube-system -l k8s-app=kube-dns
kubectl set image -n market deployment/stall stall=registry.example/stall:1.1
sleep 600
