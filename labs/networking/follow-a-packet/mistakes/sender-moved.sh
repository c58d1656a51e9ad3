# fails: stale
kubectl get pod -n post sender-2 -o json | jq 'del(.status, .metadata.uid, .metadata.resourceVersion) | .spec.nodeName="node-1"' > sender.json
kubectl replace --force -f sender.json
sleep 20
