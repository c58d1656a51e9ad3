# fails: served
kubectl scale deployment --all -n guests --replicas=0
kubectl wait --for=delete pods --all -n guests --timeout=60s
for name in menu orders; do
  kubectl get deployment $name -n guests -o json |
    jq 'del(.spec.template.spec.hostPID) | .spec.replicas = 2 | .spec.template.spec.containers[0].securityContext = {runAsNonRoot: true, runAsUser: 1000, allowPrivilegeEscalation: false, capabilities: {drop: ["ALL"]}, seccompProfile: {type: "RuntimeDefault"}}' |
    kubectl replace -f -
done
kubectl rollout status deployment/menu -n guests
kubectl rollout status deployment/orders -n guests
kubectl label namespace guests pod-security.kubernetes.io/enforce=restricted
