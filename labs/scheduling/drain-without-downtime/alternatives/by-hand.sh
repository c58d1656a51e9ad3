kubectl apply -n bistro -f - <<'YAML'
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: three-menus }
spec:
  minAvailable: 75%
  selector: { matchLabels: { app: menu } }
YAML
kubectl cordon node-2
kubectl rollout restart deployment/till -n bistro
kubectl rollout status deployment/till -n bistro
kubectl delete pod leftover -n bistro
kubectl drain node-2 --ignore-daemonsets --delete-emptydir-data --timeout=5m
sleep 10
kubectl patch node node-2 -p '{"spec":{"unschedulable":false}}'
