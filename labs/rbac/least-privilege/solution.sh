kubectl auth can-i --list --as=system:serviceaccount:delivery:pipeline
kubectl get clusterrolebindings -o wide | grep delivery
kubectl delete clusterrolebinding ci-tools
kubectl apply -f - <<'YAML'
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: deployer, namespace: shop }
rules:
- apiGroups: [apps]
  resources: [deployments]
  resourceNames: [web]
  verbs: [get, patch]
- apiGroups: [apps]
  resources: [deployments]
  verbs: [list, watch]
YAML
kubectl create rolebinding deployer -n shop --role=deployer --serviceaccount=delivery:pipeline
kubectl set image deployment/web -n shop web=nginx:1.29 --as=system:serviceaccount:delivery:pipeline
kubectl rollout status deployment/web -n shop --as=system:serviceaccount:delivery:pipeline
