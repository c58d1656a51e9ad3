# fails: notes
kubectl scale deployment -n archive notes --replicas=0
kubectl delete pvc -n archive notes
kubectl apply -f - <<'YAML'
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: notes, namespace: archive }
spec:
  storageClassName: shelf
  accessModes: [ReadWriteMany]
  resources: { requests: { storage: 5Gi } }
  selector: { matchLabels: { tier: hot } }
YAML
kubectl scale deployment -n archive notes --replicas=1
sleep 60
