# fails: labels
kubectl label node node-1 node-3 disktype=ssd
kubectl label node node-2 node-4 disktype=hdd
