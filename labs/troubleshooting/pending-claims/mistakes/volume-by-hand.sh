# fails: prints
kubectl apply -f - <<'YAML'
apiVersion: v1
kind: PersistentVolume
metadata: { name: prints-1 }
spec: { storageClassName: standard, capacity: { storage: 1Gi }, accessModes: [ReadWriteOnce], hostPath: { path: /srv/prints } }
YAML
sleep 60
