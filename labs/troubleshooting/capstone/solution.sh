kubectl get nodes
kubectl get pods -A | grep -vE 'Running|Completed'
kubectl get pods -n kube-system

kubectl describe node node-2 | grep -A6 ^Conditions
ssh node-2 systemctl status kubelet
ssh node-2 systemctl enable --now kubelet
kubectl wait --for=condition=Ready node/node-2 --timeout=60s

kubectl logs -n kube-system kube-scheduler-control-plane
sed -i /--leader-elect-timeout/d /etc/kubernetes/manifests/kube-scheduler.yaml
sleep 45
kubectl wait -n kube-system --for=condition=Ready pod -l k8s-app=kube-dns --timeout=90s

kubectl logs -n watch -l batch.kubernetes.io/job-name --tail=1
kubectl get configmap -n kube-system coredns -o yaml | sed 's/cluster.lokal/cluster.local/' | kubectl replace -f -
kubectl rollout restart -n kube-system deployment/coredns
kubectl rollout status -n kube-system deployment/coredns --timeout=90s

kubectl set image -n market deployment/stall stall=registry.example/stall:1.1
sleep 5
kubectl get replicasets -n market
kubectl get events -n market --field-selector reason=FailedCreate
kubectl describe quota -n market
kubectl patch quota -n market team-limits --type=merge -p '{"spec":{"hard":{"pods":"10"}}}'
kubectl rollout status -n market deployment/stall --timeout=180s
sleep 240

kubectl get nodes
kubectl get jobs -n watch
sleep 300
