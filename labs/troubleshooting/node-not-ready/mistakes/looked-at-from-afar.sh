# fails: silent
kubectl uncordon node-1
kubectl taint node node-1 node.kubernetes.io/unreachable-
sleep 60
