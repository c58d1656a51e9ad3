kubectl get pvc -n archive
kubectl describe pvc -n archive photos | tail -4
kubectl get storageclass
kubectl get pvc -n archive photos -o json | jq 'del(.status, .metadata.uid, .metadata.resourceVersion, .metadata.annotations) | .spec.storageClassName="standard"' > photos.json
kubectl delete pvc -n archive photos --wait=false
kubectl delete pod -n archive -l app=photos
kubectl apply -f photos.json

kubectl describe pvc -n archive prints | tail -4
kubectl get deployments -A
kubectl scale deployment -n nfs-provisioner nfs-client-provisioner --replicas=1
kubectl rollout status deployment -n nfs-provisioner nfs-client-provisioner
kubectl wait -n archive --for=jsonpath='{.status.phase}'=Bound pvc/prints --timeout=60s

kubectl describe pvc -n archive films | tail -4
kubectl patch deployment -n archive films -p '{"spec":{"template":{"spec":{"nodeName":null,"nodeSelector":{"kubernetes.io/hostname":"node-2"}}}}}'

kubectl get pv ledger-1 -o yaml
kubectl patch pv ledger-1 --type=json -p '[{"op":"remove","path":"/spec/claimRef"}]'

kubectl get pv -L tier
kubectl get pvc -n archive notes -o json | jq 'del(.status, .metadata.uid, .metadata.resourceVersion, .metadata.annotations) | .spec.accessModes=["ReadWriteOnce"]' > notes.json
kubectl delete pvc -n archive notes --wait=false
kubectl delete pod -n archive -l app=notes
kubectl apply -f notes.json
sleep 40
