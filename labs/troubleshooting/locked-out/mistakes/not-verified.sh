# fails: known
sed -i -e 's/:6444/:6443/' -e 's#certificate-authority: .*#insecure-skip-tls-verify: true#' deployer.conf
kubectl create token deployer -n crew > deployer.token
kubectl --kubeconfig deployer.conf get deployments -n crew
