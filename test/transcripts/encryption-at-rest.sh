kubectl create secret generic before --from-literal=password=open
etcdctl get /registry/secrets/default/before --print-value-only | grep -o '"password":"[^"]*"'
mkdir -p /etc/kubernetes/enc
cat > /etc/kubernetes/enc/config.yaml <<'EOF'
apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
- resources: [secrets]
  providers:
  - aescbc: {keys: [{name: key1, secret: c2hvcnQ=}]}
  - identity: {}
EOF
cd /etc/kubernetes/manifests
sed -i 's#- --advertise-address#- --encryption-provider-config=/etc/kubernetes/enc/config.yaml\n    &#; s#  volumes:#&\n  - {name: enc, hostPath: {path: /etc/kubernetes/enc}}#; s#    volumeMounts:#&\n    - {name: enc, mountPath: /etc/kubernetes/enc, readOnly: true}#' kube-apiserver.yaml
sleep 40
crictl logs $(crictl ps -a --name kube-apiserver -q | head -1) 2>&1 | grep 'command failed' | sed 's/.*err=//'
sed -i 's/c2hvcnQ=/MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=/' /etc/kubernetes/enc/config.yaml
sleep 60
kubectl create secret generic after --from-literal=password=closed
etcdctl get /registry/secrets/default/after --print-value-only | head -c 23; echo
etcdctl get /registry/secrets/default/before --print-value-only | head -c 10; echo
kubectl get secrets -o json | kubectl replace -f - | sort
etcdctl get /registry/secrets/default/before --print-value-only | head -c 23; echo
kubectl get secret after -o jsonpath='{.data.password}' | base64 -d; echo
sed -i 's/key1/key2/; s/MDEyMzQ1/NTQzMjEw/' /etc/kubernetes/enc/config.yaml
crictl stop $(crictl ps --name kube-apiserver -q) | wc -l
sleep 200
kubectl get secret after
kubectl get secrets
kubectl get configmaps -o name
sed -i '/encryption-provider-config/d' kube-apiserver.yaml
sleep 40
kubectl get secret after
