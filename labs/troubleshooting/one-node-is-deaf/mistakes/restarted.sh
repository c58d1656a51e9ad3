# fails: plugin
ssh node-3 systemctl restart containerd
ssh node-3 systemctl restart kubelet
kubectl run singer -n band --image=busybox:1.36 --overrides='{"spec":{"nodeName":"node-3"}}' -- sleep 10d
sleep 60
