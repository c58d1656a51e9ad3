# from the objects up to the nodes; the quota goes, the node is rebooted
kubectl delete quota -n market team-limits
sed '/leader-elect-timeout/d' /etc/kubernetes/manifests/kube-scheduler.yaml > /root/kube-scheduler.yaml
mv /root/kube-scheduler.yaml /etc/kubernetes/manifests/
ssh node-2 systemctl enable kubelet
ssh node-2 reboot
kubectl get configmap -n kube-system coredns -o json | jq '.data.Corefile |= sub("cluster.lokal"; "cluster.local")' | kubectl apply -f -
kubectl delete pods -n kube-system -l k8s-app=kube-dns
kubectl patch deployment -n market stall -p '{"spec":{"template":{"spec":{"containers":[{"name":"stall","image":"registry.example/stall:1.1"}]}}}}'
sleep 720
