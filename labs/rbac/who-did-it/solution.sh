mkdir -p /etc/kubernetes/audit /var/log/kubernetes/audit
cat > /etc/kubernetes/audit/policy.yaml <<'YAML'
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  resources: [{ group: "", resources: [secrets, configmaps] }]
- level: Metadata
  namespaces: [market]
- level: None
YAML
cp /etc/kubernetes/manifests/kube-apiserver.yaml /root/kube-apiserver.yaml
sed -e 's#    - --advertise-address#    - --audit-policy-file=/etc/kubernetes/audit/policy.yaml\n    - --audit-log-path=/var/log/kubernetes/audit/audit.log\n&#' \
    -e 's#    volumeMounts:#&\n    - {name: audit, mountPath: /etc/kubernetes/audit, readOnly: true}\n    - {name: audit-log, mountPath: /var/log/kubernetes/audit}#' \
    -e 's#  volumes:#&\n  - {name: audit, hostPath: {path: /etc/kubernetes/audit}}\n  - {name: audit-log, hostPath: {path: /var/log/kubernetes/audit}}#' \
    /root/kube-apiserver.yaml > /etc/kubernetes/manifests/kube-apiserver.yaml
sleep 150
jq -r 'select(.verb=="delete" and .objectRef.name=="prices") | .user.username' /var/log/kubernetes/audit/audit.log | sort | uniq -c
kubectl create configmap verdict -n market --from-literal=user=system:serviceaccount:market:reporter
kubectl create rolebinding helpers -n market --role=configuration --serviceaccount=market:importer --serviceaccount=market:janitor
kubectl delete rolebinding configuration -n market
kubectl create role reports -n market --verb=create,update,get,list --resource=configmaps
kubectl create rolebinding reports -n market --role=reports --serviceaccount=market:reporter
sleep 150
