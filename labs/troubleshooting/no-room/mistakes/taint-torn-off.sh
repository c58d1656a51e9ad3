# fails: room
kubectl taint node node-1 node.kubernetes.io/disk-pressure:NoSchedule-
kubectl rollout restart deployment tower
sleep 400
