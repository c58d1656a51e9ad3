# fails: ledger
kubectl scale deployment -n nfs-provisioner nfs-client-provisioner --replicas=1
kubectl scale deployment -n archive ledger --replicas=0
kubectl delete pvc -n archive ledger
kubectl apply -f - <<'YAML'
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: ledger, namespace: archive }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
YAML
kubectl scale deployment -n archive ledger --replicas=1
sleep 30
