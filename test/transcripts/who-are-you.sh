kubectl create namespace idp
cat <<'EOF' | kubectl apply -f -
apiVersion: v1
kind: Pod
metadata: {name: idp, namespace: idp, labels: {app: idp}}
spec:
  containers:
  - name: idp
    image: ghcr.io/inside-kubernetes/identity-provider:1.0
    args: ["--issuer=https://172.18.0.2:30443", "--user=jane:secret:devs,ops"]
---
apiVersion: v1
kind: Service
metadata: {name: idp, namespace: idp}
spec: {type: NodePort, selector: {app: idp}, ports: [{port: 8443, nodePort: 30443}]}
EOF
kubectl wait -n idp --for=condition=Ready pod/idp
kubectl logs -n idp idp | tail -1
kubectl logs -n idp idp | sed -n '/BEGIN/,/END/p' > /etc/kubernetes/pki/oidc-ca.crt
echo 'tok-1,"ann","u1","devs,qa"' > /etc/kubernetes/pki/tokens.csv
sed -i 's#    - --advertise-address#    - --oidc-issuer-url=https://172.18.0.2:30443\n    - --oidc-client-id=kubernetes\n    - --oidc-groups-claim=groups\n    - "--oidc-groups-prefix=oidc:"\n    - --oidc-ca-file=/etc/kubernetes/pki/oidc-ca.crt\n    - --oidc-signing-algs=ES256\n    - --token-auth-file=/etc/kubernetes/pki/tokens.csv\n    - --advertise-address#' /etc/kubernetes/manifests/kube-apiserver.yaml
sleep 60
kubectl get nodes
TOKEN=$(curl -sk https://172.18.0.2:30443/token -d grant_type=password -d client_id=kubernetes -d username=jane -d password=secret | jq -r .id_token)
kubectl config set-credentials jane --token=$TOKEN
kubectl config set-context jane --cluster=kubernetes --user=jane
kubectl --context jane auth whoami
kubectl --context jane get pods
kubectl create rolebinding devs --clusterrole=view --group=oidc:devs
kubectl --context jane get pods
kubectl config set-credentials ann --token=tok-1
kubectl config set-context ann --cluster=kubernetes --user=ann
kubectl --context ann auth whoami
sleep 700
kubectl --context jane get pods
kubectl create secret generic bootstrap-token-abcdef -n kube-system --type=bootstrap.kubernetes.io/token --from-literal=token-id=abcdef --from-literal=token-secret=0123456789abcdef --from-literal=usage-bootstrap-authentication=true --from-literal=auth-extra-groups=system:bootstrappers:kubeadm:default-node-token
kubectl config set-credentials boot --token=abcdef.0123456789abcdef
kubectl config set-context boot --cluster=kubernetes --user=boot
kubectl --context boot auth whoami
kubectl logs -n kube-system kube-apiserver-control-plane | grep Unable | cut -d ']' -f 2-
