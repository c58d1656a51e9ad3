# fails: films
kubectl get storageclass late -o json | jq 'del(.metadata.uid, .metadata.resourceVersion, .metadata.annotations) | .volumeBindingMode="Immediate"' > late.json
kubectl replace --force -f late.json
sleep 60
