openssl req -new -newkey rsa:2048 -nodes -keyout dana.key -subj /O=auditors/CN=dana -out dana.csr
cat > csr.yaml <<YAML
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: { name: csr-of-dana }
spec:
  request: $(base64 dana.csr | tr -d '\n')
  signerName: kubernetes.io/kube-apiserver-client
  usages: [digital signature, client auth]
YAML
kubectl create -f csr.yaml
kubectl certificate approve csr-of-dana
sleep 2
cp /etc/kubernetes/admin.conf /root/dana.kubeconfig
kubectl get csr csr-of-dana -o jsonpath='{.status.certificate}' | base64 -d > dana.crt
kubectl config --kubeconfig=/root/dana.kubeconfig delete-user kubernetes-admin
kubectl config --kubeconfig=/root/dana.kubeconfig set-credentials kubernetes-admin --client-certificate=/root/dana.crt --client-key=/root/dana.key
# The built-in ClusterRole view, bound in one namespace only, holds all of this and no Secrets.
kubectl create rolebinding look -n shop --clusterrole=view --group=auditors
kubectl --kubeconfig=/root/dana.kubeconfig get pods -n shop
