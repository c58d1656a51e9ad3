kubeadm certs check-expiration
kubeadm certs renew all
openssl x509 -in /etc/kubernetes/pki/apiserver.crt -noout -subject -ext subjectAltName
kubectl get nodes -o name
kubeadm kubeconfig user --client-name=jane --org=dev > jane.conf
kubectl --kubeconfig jane.conf auth whoami -o jsonpath="{.status.userInfo.groups}"
mv /etc/kubernetes/pki/front-proxy-ca.key /root
kubeadm certs renew front-proxy-client | tail -1
rm /etc/kubernetes/pki/etcd/peer.crt
kubeadm certs check-expiration | grep -e front-proxy -e peer
kubeadm certs renew etcd-peer | tail -1
kubeadm certs renew nothing
kubeadm certs frobnicate
kubeadm token create abcdef.0123456789abcdef --description "for the new node" --ttl 2h
kubeadm token list
kubeadm token create abcdef.0123456789abcdef
kubeadm token create nonsense
kubeadm token delete abcdef
kubeadm token delete zzzzzz
kubectl config set-cluster kubernetes --certificate-authority=/etc/kubernetes/pki/etcd/ca.crt --embed-certs
kubectl get nodes 2>&1 | tail -1
kubectl config set-cluster kubernetes --certificate-authority=/etc/kubernetes/pki/ca.crt --embed-certs
kubectl config set-cluster kubernetes --server=https://172.18.0.3:6443
kubectl get nodes 2>&1 | tail -1
kubectl --server=https://127.0.0.1:6443 get nodes 2>&1 | tail -1
kubectl --server=https://127.0.0.1:6443 --insecure-skip-tls-verify get nodes -o name
