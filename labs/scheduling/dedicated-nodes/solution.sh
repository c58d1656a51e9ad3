kubectl get pods -A -o wide --field-selector spec.nodeName=node-3
kubectl taint node node-3 dedicated=ml:NoExecute
kubectl wait -n shop --for=condition=Available deployment/web --timeout=60s
kubectl get pods -n shop -o wide

kubectl label node node-3 dedicated=ml
cat > training.yaml <<'YAML'
spec:
  template:
    spec:
      nodeSelector:
        dedicated: ml
      tolerations:
      - key: dedicated
        operator: Equal
        value: ml
        effect: NoExecute
YAML
kubectl patch deployment training -n ml --patch-file training.yaml
kubectl rollout status deployment/training -n ml

kubectl patch daemonset agent -n kube-system -p '{"spec":{"template":{"spec":{"tolerations":[{"operator":"Exists"}]}}}}'
kubectl rollout status daemonset/agent -n kube-system
