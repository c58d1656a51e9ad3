cat <<'END' | kubectl apply -f -
apiVersion: v1
kind: Pod
metadata: {name: judge, labels: {app: judge}}
spec:
  containers:
  - name: judge
    image: ghcr.io/inside-kubernetes/admission-webhook:1.0
    args: ["--service=172.18.0.2", "--deny-image=busybox"]
---
apiVersion: v1
kind: Service
metadata: {name: judge}
spec: {type: NodePort, selector: {app: judge}, ports: [{port: 8443, nodePort: 30444}]}
END
kubectl wait --for=condition=Ready pod/judge
mkdir /etc/kubernetes/pki/policy
cat <<END > /etc/kubernetes/pki/policy/kubeconfig
apiVersion: v1
kind: Config
current-context: judge
contexts: [{name: judge, context: {cluster: judge}}]
clusters: [{name: judge, cluster: {server: "https://172.18.0.2:30444/images", certificate-authority-data: $(kubectl logs judge | sed -n 's/^caBundle: //p')}}]
END
cat <<END > /etc/kubernetes/pki/policy/admission.yaml
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: ImagePolicyWebhook
  configuration: {imagePolicy: {kubeConfigFile: /etc/kubernetes/pki/policy/kubeconfig, allowTTL: 10, denyTTL: 10, defaultAllow: false}}
END
sed -i 's#enable-admission-plugins=NodeRestriction#enable-admission-plugins=NodeRestriction,ImagePolicyWebhook\n    - --admission-control-config-file=/etc/kubernetes/pki/policy/admission.yaml#' /etc/kubernetes/manifests/kube-apiserver.yaml
sleep 60
kubectl run good --image=nginx:1.29
kubectl run bad --image=busybox:1.36
kubectl run bad --image=busybox:1.36
kubectl logs judge | grep -c '^images busybox'
sleep 11
kubectl run bad --image=busybox:1.36
kubectl logs judge | grep -c '^images busybox'
kubectl delete pod judge --now
kubectl run other --image=nginx:1.28
sed -i 's/defaultAllow: false/defaultAllow: true/' /etc/kubernetes/pki/policy/admission.yaml
sed -i 's#    - --advertise-address#    - --profiling=false\n    - --advertise-address#' /etc/kubernetes/manifests/kube-apiserver.yaml
sleep 60
kubectl run other --image=nginx:1.28
sed -i '/ImagePolicyWebhook/d;/configuration:/d' /etc/kubernetes/pki/policy/admission.yaml
sed -i '/profiling=false/d' /etc/kubernetes/manifests/kube-apiserver.yaml
sleep 40
crictl logs $(crictl ps -a --name kube-apiserver -q | head -1) 2>&1 | tail -1 | cut -d ']' -f 2-
