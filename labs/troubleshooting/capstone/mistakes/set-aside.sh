# fails: system
ssh node-2 systemctl enable --now kubelet
mv /etc/kubernetes/manifests/kube-scheduler.yaml /root/
kubectl set image -n market deployment/stall stall=registry.example/stall:1.1
sleep 60
kubectl rollout restart -n market deployment/stall
sleep 30
