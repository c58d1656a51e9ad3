# fails: deployed
sed -i -e 's/:6444/:6443/' -e 's/front-proxy-ca.crt/ca.crt/' deployer.conf
kubectl create token deployer -n crew > deployer.token
kubectl patch rolebinding deployer -n crew --type=json -p '[{"op":"replace","path":"/subjects/0/namespace","value":"crew"}]'
kubectl --kubeconfig deployer.conf get deployments -n crew
kubectl create deployment hello -n crew --image=nginx:1.29
