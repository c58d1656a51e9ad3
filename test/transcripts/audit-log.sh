mkdir -p /etc/kubernetes/audit
cat > /etc/kubernetes/audit/policy.yaml <<'EOF'
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  resources: [{group: "", resources: [secrets]}]
- level: Everything
EOF
cd /etc/kubernetes/manifests
sed -i 's#- --advertise-address#- --audit-policy-file=/etc/kubernetes/audit/policy.yaml\n    - --audit-log-path=/var/log/kubernetes/audit.log\n    &#' kube-apiserver.yaml
sed -i 's#  volumes:#&\n  - {name: audit, hostPath: {path: /etc/kubernetes/audit}}\n  - {name: audit-log, hostPath: {path: /var/log/kubernetes, type: DirectoryOrCreate}}#' kube-apiserver.yaml
sed -i 's#    volumeMounts:#&\n    - {name: audit, mountPath: /etc/kubernetes/audit, readOnly: true}\n    - {name: audit-log, mountPath: /var/log/kubernetes}#' kube-apiserver.yaml
sleep 40
kubectl get nodes
crictl logs $(crictl ps -a --name kube-apiserver -q | head -1) 2>&1 | grep 'command failed' | sed 's/.*err=//'
sed -i 's/Everything/None/' /etc/kubernetes/audit/policy.yaml
sleep 60
kubectl create secret generic token --from-literal=a=b
kubectl get secret token --as system:serviceaccount:default:robot
kubectl get secret token -o name
kubectl get configmaps -o name
jq -r 'select(.user.username=="kubernetes-admin") | "\(.verb) \(.objectRef.resource)/\(.objectRef.name) \(.impersonatedUser.username) \(.responseStatus.code) \(.annotations["authorization.k8s.io/decision"])"' /var/log/kubernetes/audit.log
