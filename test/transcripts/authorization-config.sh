cat <<'END' | kubectl apply -f -
apiVersion: v1
kind: ConfigMap
metadata: {name: rules}
data:
  rules: |
    allow-access=ann:list:secrets
    deny-access=*:get:configmaps
    message=the house decides
---
apiVersion: v1
kind: Pod
metadata: {name: house, labels: {app: house}}
spec:
  containers:
  - name: house
    image: ghcr.io/inside-kubernetes/admission-webhook:1.0
    args: ["--service=172.18.0.2", "--rules=/rules"]
    volumeMounts: [{name: rules, mountPath: /rules}]
  volumes: [{name: rules, configMap: {name: rules}}]
---
apiVersion: v1
kind: Service
metadata: {name: house}
spec: {type: NodePort, selector: {app: house}, ports: [{port: 8443, nodePort: 30445}]}
END
kubectl wait --for=condition=Ready pod/house
cat <<END > /etc/kubernetes/pki/house.conf
apiVersion: v1
kind: Config
current-context: house
contexts: [{name: house, context: {cluster: house}}]
clusters: [{name: house, cluster: {server: "https://172.18.0.2:30445/authorize", certificate-authority-data: $(kubectl logs house | sed -n 's/^caBundle: //p')}}]
END
cat <<'END' > /etc/kubernetes/pki/authorization.yaml
apiVersion: apiserver.config.k8s.io/v1
kind: AuthorizationConfiguration
authorizers:
- type: Webhook
  name: house
  webhook:
    timeout: 3s
    authorizedTTL: 10s
    unauthorizedTTL: 10s
    subjectAccessReviewVersion: v1
    matchConditionSubjectAccessReviewVersion: v1
    failurePolicy: NoOpinion
    connectionInfo: {type: KubeConfigFile, kubeConfigFile: /etc/kubernetes/pki/house.conf}
    matchConditions:
    - expression: has(request.resourceAttributes)
    - expression: "!request.user.startsWith('system:') && !('kubeadm:cluster-admins' in request.groups)"
- {type: Node, name: node}
- {type: RBAC, name: rbac}
END
sed -i 's#    - --authorization-mode=Node,RBAC#    - --authorization-config=/etc/kubernetes/pki/authorization.yaml#' /etc/kubernetes/manifests/kube-apiserver.yaml
sleep 60
kubectl create clusterrolebinding ann --clusterrole=view --user=ann
kubectl get secrets --as=ann
kubectl get pods house -o name --as=ann
kubectl get configmap rules --as=ann
why user ann | tail -2
kubectl delete pod house --now --as=ann
kubectl auth can-i --list --as=ann | head -1
kubectl logs house | grep access
kubectl delete pod house --now
sleep 11
kubectl get pods --as=ann
kubectl get secrets --as=ann
sed -i 's/failurePolicy: NoOpinion/failurePolicy: Deny/' /etc/kubernetes/pki/authorization.yaml
sleep 2
kubectl get pods --as=ann
sed -i 's/failurePolicy: Deny/failurePolicy: Perhaps/' /etc/kubernetes/pki/authorization.yaml
sleep 2
kubectl get pods --as=ann
kubectl logs -n kube-system kube-apiserver-control-plane | grep -E 'webhook authorizer|authz|authorization config' | cut -d ']' -f 2- | uniq
sed -i 's#    - --authorization-config#    - --authorization-mode=RBAC\n    - --authorization-config#' /etc/kubernetes/manifests/kube-apiserver.yaml
sleep 40
crictl logs $(crictl ps -a --name kube-apiserver -q | head -1) 2>&1 | tail -1 | cut -d ']' -f 2-
