ls /etc/kubernetes/manifests
mv /etc/kubernetes/manifests/kube-scheduler.yaml /root/
kubectl wait -n kube-system --for=delete pod/kube-scheduler-control-plane --timeout=120s
sleep 5

kubectl run orphan --image=nginx:1.29
kubectl get pod orphan -o wide
sleep 10

kubectl run manual --image=nginx:1.29 --overrides='{"spec":{"nodeName":"node-2"}}'
kubectl wait --for=condition=Ready pod/manual --timeout=60s
sleep 5

mv /root/kube-scheduler.yaml /etc/kubernetes/manifests/
kubectl wait --for=condition=Ready pod/orphan --timeout=180s
