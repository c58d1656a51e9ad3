# fails: known
sed -i -e 's/:6444/:6443/' -e 's/front-proxy-ca.crt/ca.crt/' deployer.conf
kubectl --kubeconfig deployer.conf get deployments
