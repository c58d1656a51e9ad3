# fails: observed
kubectl create configmap findings -n clinic --from-literal=device=eth0 --from-literal=port=8472 --from-literal=mtu=1500
