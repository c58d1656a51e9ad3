# fails: manual
mv /etc/kubernetes/manifests/kube-scheduler.yaml /root/
sleep 60
kubectl run orphan --image=nginx:1.29
sleep 10
kubectl run manual --image=nginx:1.29 --overrides='{"spec":{"nodeName":"node2"}}'
sleep 60
