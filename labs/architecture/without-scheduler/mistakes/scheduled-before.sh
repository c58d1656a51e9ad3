# fails: pending
kubectl run orphan --image=nginx:1.29
kubectl wait --for=condition=Ready pod/orphan --timeout=60s
mv /etc/kubernetes/manifests/kube-scheduler.yaml /root/
sleep 60
