# fails: archive
kubectl label node node-2 node-4 disktype=ssd
kubectl label node node-1 node-3 disktype=hdd
kubectl cordon node-2
kubectl cordon node-4
kubectl rollout restart deployment/archive -n library
kubectl rollout status deployment/archive -n library
kubectl uncordon node-2
kubectl uncordon node-4
