cat <<'END' | kubectl apply -f -
apiVersion: v1
kind: Pod
metadata: {name: idp, labels: {app: idp}}
spec:
  containers:
  - name: idp
    image: ghcr.io/inside-kubernetes/identity-provider:1.0
    args: ["--issuer=https://172.18.0.2:30443", "--alg=RS256", "--user=jane:secret:devs,ops", "--user=temp:secret:guests"]
---
apiVersion: v1
kind: Service
metadata: {name: idp}
spec: {type: NodePort, selector: {app: idp}, ports: [{port: 8443, nodePort: 30443}]}
END
kubectl wait --for=condition=Ready pod/idp
cat <<END > /etc/kubernetes/pki/authentication.yaml
apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
jwt:
- issuer:
    url: https://172.18.0.2:30443
    audiences: [kubernetes]
    certificateAuthority: |
$(kubectl logs idp | sed -n '/BEGIN/,/END/p' | sed 's/^/      /')
  claimMappings:
    username: {expression: "claims.email_verified ? claims.email : ''"}
    groups: {expression: "claims.groups.map(g, 'acme:' + g)"}
  claimValidationRules:
  - {expression: "!('guests' in claims.groups)", message: guests stay outside}
anonymous: {enabled: true, conditions: [{path: /livez}, {path: /readyz}]}
END
sed -i 's#    - --advertise-address#    - --authentication-config=/etc/kubernetes/pki/authentication.yaml\n    - --advertise-address#' /etc/kubernetes/manifests/kube-apiserver.yaml
sleep 60
token() { curl -sk https://172.18.0.2:30443/token -d grant_type=password -d client_id=kubernetes -d username=$1 -d password=secret | jq -r .id_token; }
kubectl --token=$(token jane) --kubeconfig=/dev/null --server=https://172.18.0.2:6443 --insecure-skip-tls-verify auth whoami
kubectl --token=$(token temp) --kubeconfig=/dev/null --server=https://172.18.0.2:6443 --insecure-skip-tls-verify auth whoami
curl -sk https://172.18.0.2:6443/livez; echo
curl -sk https://172.18.0.2:6443/version | jq -r .message
token jane | cut -d . -f 1 | base64 -d 2>/dev/null | jq -r .alg
sed -i "s/acme:/oidc:/" /etc/kubernetes/pki/authentication.yaml
sleep 5
kubectl --token=$(token jane) --kubeconfig=/dev/null --server=https://172.18.0.2:6443 --insecure-skip-tls-verify auth whoami
sed -i "s/claims.groups.map/claims.groups.mapp/" /etc/kubernetes/pki/authentication.yaml
sleep 5
kubectl --token=$(token jane) --kubeconfig=/dev/null --server=https://172.18.0.2:6443 --insecure-skip-tls-verify auth whoami
kubectl logs -n kube-system kube-apiserver-control-plane | grep -E 'Unable|authentication config' | cut -d ']' -f 2- | uniq
