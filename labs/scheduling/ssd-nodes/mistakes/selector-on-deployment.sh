# fails: database
kubectl label node node-2 node-4 disktype=ssd
kubectl label node node-1 node-3 disktype=hdd
kubectl label deployment database -n library disktype=ssd
kubectl rollout restart deployment/database -n library
