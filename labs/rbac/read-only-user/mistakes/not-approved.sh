# fails: certificate
openssl genrsa -out dana.key 2048
openssl req -new -key dana.key -subj /CN=dana/O=auditors -out dana.csr
kubectl apply -f - <<YAML
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: { name: dana }
spec:
  request: $(base64 -w0 dana.csr)
  signerName: kubernetes.io/kube-apiserver-client
  usages: [client auth]
YAML
kubectl create rolebinding auditors -n shop --clusterrole=view --group=auditors
