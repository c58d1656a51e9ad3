kubectl create rolebinding crew-deploys -n crew --role=deployer --serviceaccount=crew:deployer
export KUBECONFIG=$HOME/deployer.conf
kubectl config set-cluster crew --server=https://172.18.0.2:6443 --certificate-authority=/etc/kubernetes/pki/ca.crt --embed-certs
kubectl config set-credentials crew-deployer --token="$(kubectl --kubeconfig /etc/kubernetes/admin.conf create token deployer -n crew --duration=2h)"
kubectl config set-context crew --cluster=crew --user=crew-deployer --namespace=crew
kubectl create deployment hello --image=nginx:1.29 --replicas=2
