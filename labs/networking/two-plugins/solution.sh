kubectl exec -n clinic visitor -- curl -s http://records
netmatrix -n clinic
ip route
ip -d link show flannel.1
kubectl exec -n clinic doctor -- ip addr show eth0
kubectl create configmap findings -n clinic --from-literal=device=flannel.1 --from-literal=port=8472 --from-literal=mtu=1450

kubectl delete --ignore-not-found -f /etc/kubernetes/addons/flannel.yaml
for node in control-plane node-1 node-2; do ssh $node rm /etc/cni/net.d/10-flannel.conflist; done
kubectl apply -f /etc/kubernetes/addons/calico.yaml
kubectl rollout status -n kube-system daemonset/calico-node
sleep 10
netmatrix -n clinic
