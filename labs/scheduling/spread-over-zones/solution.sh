kubectl get nodes -L topology.kubernetes.io/zone
kubectl get pods -n port -o wide
cat > spread.yaml <<'YAML'
spec:
  template:
    spec:
      topologySpreadConstraints:
      - maxSkew: 1
        topologyKey: topology.kubernetes.io/zone
        whenUnsatisfiable: DoNotSchedule
        nodeTaintsPolicy: Honor
        labelSelector:
          matchLabels: { app: tickets }
        matchLabelKeys: [pod-template-hash]
YAML
kubectl patch deployment tickets -n port --patch-file spread.yaml
kubectl rollout status deployment/tickets -n port
kubectl get pods -n port -o wide
sleep 5

kubectl set image deployment/tickets -n port web=nginx:1.28
kubectl rollout status deployment/tickets -n port
sleep 10

kubectl drain node-5 node-6 --ignore-daemonsets
kubectl rollout status deployment/tickets -n port
kubectl get pods -n port -o wide
