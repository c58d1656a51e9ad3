openssl genrsa -out dana.key 2048
openssl req -new -key dana.key -subj /CN=dana/O=auditors -out dana.csr
kubectl apply -f - <<YAML
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: { name: dana }
spec:
  request: $(base64 -w0 dana.csr)
  signerName: kubernetes.io/kube-apiserver-client
  expirationSeconds: 86400
  usages: [client auth]
YAML
kubectl certificate approve dana
sleep 2
kubectl get csr dana -o jsonpath='{.status.certificate}' | base64 -d > dana.crt
openssl x509 -in dana.crt -noout -subject -dates
export KC=/root/dana.kubeconfig
kubectl config --kubeconfig=$KC set-cluster kubernetes --server=https://172.18.0.2:6443 --certificate-authority=/etc/kubernetes/pki/ca.crt --embed-certs
kubectl config --kubeconfig=$KC set-credentials dana --client-certificate=dana.crt --client-key=dana.key --embed-certs
kubectl config --kubeconfig=$KC set-context shop --cluster=kubernetes --user=dana --namespace=shop
kubectl config --kubeconfig=$KC use-context shop
kubectl create role reader -n shop --verb=get,list,watch --resource=pods,pods/log,services,deployments.apps
kubectl create rolebinding auditors -n shop --role=reader --group=auditors
kubectl --kubeconfig=$KC get pods
kubectl --kubeconfig=$KC auth can-i --list
