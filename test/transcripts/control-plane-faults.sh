kubectl create deployment web --image=nginx --replicas=2
kubectl rollout status deploy/web >/dev/null
mv /etc/kubernetes/manifests/kube-scheduler.yaml /root
sleep 25
kubectl -n kube-system get pods -l component=kube-scheduler
kubectl scale deploy/web --replicas=3
sleep 10
kubectl get pods --field-selector spec.nodeName= -o custom-columns=NAME:.metadata.name,PHASE:.status.phase
sed 's/--leader-elect=true/--leader-erect=true/' kube-scheduler.yaml > /etc/kubernetes/manifests/kube-scheduler.yaml
sleep 40
kubectl -n kube-system logs kube-scheduler-control-plane
cp kube-scheduler.yaml /etc/kubernetes/manifests/
kubectl rollout status deploy/web >/dev/null
kubectl get deploy web -o jsonpath='{.status.readyReplicas}{"\n"}'
crictl stop $(crictl ps --name kube-apiserver -q) | wc -l
mv /etc/kubernetes/manifests/kube-apiserver.yaml /root
sleep 40
kubectl get nodes
crictl ps --name 'kube-apiserver|etcd' -q | wc -l
mv /root/kube-apiserver.yaml /etc/kubernetes/manifests/
sleep 60
kubectl get nodes -o custom-columns=NAME:.metadata.name,READY:'.status.conditions[?(@.type=="Ready")].status'
ssh node-2 systemctl stop kubelet
sleep 60
kubectl get node node-2 -o jsonpath='{.status.conditions[?(@.type=="Ready")].reason}{" "}{.spec.taints[*].effect}{"\n"}'
sleep 320
kubectl get pods --field-selector spec.nodeName=node-2 -o jsonpath='{range .items[*]}{.metadata.deletionGracePeriodSeconds}{"\n"}{end}' | sort -u
kubectl get deploy web -o jsonpath='{.status.readyReplicas}{"\n"}'
ssh node-2 systemctl start kubelet
sleep 20
kubectl get pods --field-selector spec.nodeName=node-2 -o name
kubectl get node node-2 -o jsonpath='{.status.conditions[?(@.type=="Ready")].reason}{"\n"}'
