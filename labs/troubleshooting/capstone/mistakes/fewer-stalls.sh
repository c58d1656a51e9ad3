# fails: change
ssh node-2 systemctl enable --now kubelet
sed -i /--leader-elect-timeout/d /etc/kubernetes/manifests/kube-scheduler.yaml
sleep 60
kubectl scale deployment -n market stall --replicas=2
kubectl set image -n market deployment/stall stall=registry.example/stall:1.1
sleep 60
