# fails: photos
kubectl scale deployment -n nfs-provisioner nfs-client-provisioner --replicas=1
kubectl scale deployment -n archive photos --replicas=0
kubectl delete pvc -n archive photos
kubectl apply -f - <<'YAML'
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: photos, namespace: archive }
spec: { storageClassName: "", accessModes: [ReadWriteOnce], resources: { requests: { storage: 2Gi } } }
YAML
kubectl scale deployment -n archive photos --replicas=1
sleep 30
