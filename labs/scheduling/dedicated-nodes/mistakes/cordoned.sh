# fails: reserved
kubectl drain node-3 --ignore-daemonsets
sleep 20
