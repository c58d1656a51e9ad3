cat <<'END' | kubectl apply -f -
apiVersion: v1
kind: Pod
metadata: {name: watchman, labels: {app: watchman}}
spec:
  containers:
  - name: watchman
    image: ghcr.io/inside-kubernetes/admission-webhook:1.0
    args: ["--service=172.18.0.2"]
---
apiVersion: v1
kind: Service
metadata: {name: watchman}
spec: {type: NodePort, selector: {app: watchman}, ports: [{port: 8443, nodePort: 30445}]}
END
kubectl wait --for=condition=Ready pod/watchman
cat <<END > /etc/kubernetes/pki/audit-webhook.conf
apiVersion: v1
kind: Config
current-context: watchman
contexts: [{name: watchman, context: {cluster: watchman}}]
clusters: [{name: watchman, cluster: {server: "https://172.18.0.2:30445/audit", certificate-authority-data: $(kubectl logs watchman | sed -n 's/^caBundle: //p')}}]
END
cat <<END > /etc/kubernetes/pki/audit-policy.yaml
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: Metadata, verbs: [create, delete], resources: [{group: "", resources: [configmaps]}]}
- {level: None}
END
sed -i 's#    - --advertise-address#    - --audit-policy-file=/etc/kubernetes/pki/audit-policy.yaml\n    - --audit-webhook-config-file=/etc/kubernetes/pki/audit-webhook.conf\n    - --audit-webhook-batch-max-wait=10s\n    - --advertise-address#' /etc/kubernetes/manifests/kube-apiserver.yaml
sleep 60
kubectl create configmap a
kubectl delete configmap b --as=erik
kubectl logs watchman | grep -c '^audit'
sleep 11
kubectl logs watchman | grep '^audit'
sed -i 's#    - --audit-webhook-batch-max-wait=10s#    - --audit-webhook-mode=blocking\n    - --audit-webhook-initial-backoff=1s#' /etc/kubernetes/manifests/kube-apiserver.yaml
sleep 60
kubectl create configmap c; kubectl logs watchman | grep -c '^audit'
kubectl delete pod watchman --now
kubectl delete configmap c
kubectl logs -n kube-system kube-apiserver-control-plane | grep 'audit plugin' | cut -d ']' -f 2-
sed -i 's#audit-webhook-mode=blocking#audit-webhook-mode=never#' /etc/kubernetes/manifests/kube-apiserver.yaml
sleep 40
crictl logs $(crictl ps -a --name kube-apiserver -q | head -1) 2>&1 | tail -1 | cut -d ']' -f 2-
