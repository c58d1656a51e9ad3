cat > collector.yaml <<X
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: collector, namespace: kube-system}
spec:
  selector: {matchLabels: {name: collector}}
  template:
    metadata: {labels: {name: collector}}
    spec:
      tolerations: [{key: node-role.kubernetes.io/control-plane, operator: Exists, effect: NoSchedule}]
      containers: [{name: fluentd, image: quay.io/fluentd_elasticsearch/fluentd:v5.0.1, resources: {requests: {cpu: 100m}, limits: {memory: 200Mi}}}]
X
kubectl apply -f collector.yaml
kubectl -n kube-system rollout status ds/collector | tail -n 1
kubectl -n kube-system get pods -l name=collector -o jsonpath='{range .items[*]}{.spec.nodeName}{"\n"}{end}' | sort
kubectl -n kube-system logs ds/collector --tail=1 2>/dev/null | cut -c27-
kubectl -n kube-system delete ds collector
