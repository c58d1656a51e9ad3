# the class that is asked for is made, and the selector is dropped
kubectl get storageclass standard -o json | jq 'del(.metadata.uid, .metadata.resourceVersion, .metadata.annotations) | .metadata.name="standart"' | kubectl apply -f -
kubectl patch deployment -n nfs-provisioner nfs-client-provisioner -p '{"spec":{"replicas":2}}'
kubectl get deployment -n archive films -o json | jq 'del(.status, .spec.template.spec.nodeName) | .spec.template.spec.affinity={nodeAffinity:{requiredDuringSchedulingIgnoredDuringExecution:{nodeSelectorTerms:[{matchExpressions:[{key:"kubernetes.io/hostname",operator:"In",values:["node-2"]}]}]}}}' | kubectl replace -f -
kubectl patch pv ledger-1 --type=json -p '[{"op":"remove","path":"/spec/claimRef/uid"}]'
kubectl scale deployment -n archive notes --replicas=0
kubectl delete pvc -n archive notes
kubectl apply -f - <<'YAML'
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: notes, namespace: archive }
spec:
  storageClassName: shelf
  volumeName: shelf-1
  accessModes: [ReadWriteOnce]
  resources: { requests: { storage: 8Gi } }
YAML
kubectl scale deployment -n archive notes --replicas=1
sleep 60
