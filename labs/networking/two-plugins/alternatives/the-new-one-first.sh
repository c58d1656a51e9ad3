kubectl apply -f /etc/kubernetes/addons/calico.yaml
kubectl delete namespace kube-flannel
sleep 20
for node in control-plane node-1 node-2; do ssh $node rm -f /etc/cni/net.d/10-flannel.conflist; done
kubectl delete pods -n clinic -l app=records
kubectl create configmap findings -n clinic --from-literal=mtu=1450 --from-literal=port=8472 --from-literal=device=flannel.1
kubectl rollout status -n clinic deployment/records
sleep 20
