# fails: rules
ssh node-3 "sed -i '1s/^/{/' /etc/cni/net.d/10-bridge.conflist"
sleep 20
kubectl run singer -n band --image=busybox:1.36 --overrides='{"spec":{"nodeName":"node-3"}}' -- sleep 10d
kubectl expose deployment -n band drums --name=encore --port=80 --target-port=beat
kubectl delete pods -n kube-system -l k8s-app=kube-proxy
sleep 60
