# fails: known
sed -i 's/:6444/:6443/' deployer.conf
kubectl --kubeconfig deployer.conf get deployments
