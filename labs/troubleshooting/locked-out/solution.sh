kubectl --kubeconfig deployer.conf get deployments
kubectl config view | grep server
sed -i 's/:6444/:6443/' deployer.conf
kubectl --kubeconfig deployer.conf get deployments
openssl x509 -in /etc/kubernetes/pki/apiserver.crt -noout -issuer
sed -i 's/front-proxy-ca.crt/ca.crt/' deployer.conf
kubectl --kubeconfig deployer.conf get deployments
kubectl create token deployer -n crew > deployer.token
kubectl --kubeconfig deployer.conf get deployments
kubectl config set-context crew --kubeconfig=deployer.conf --namespace=crew
kubectl describe rolebinding deployer -n crew
kubectl patch rolebinding deployer -n crew --type=json -p '[{"op":"replace","path":"/subjects/0/namespace","value":"crew"}]'
kubectl --kubeconfig deployer.conf create deployment hello --image=nginx:1.29
kubectl --kubeconfig deployer.conf get deployments
