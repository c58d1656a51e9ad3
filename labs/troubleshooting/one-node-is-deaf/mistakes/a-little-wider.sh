# fails: addresses
ssh node-2 "sed -i 's#/29#/27#' /etc/cni/net.d/10-bridge.conflist"
kubectl scale deployment -n band crowd --replicas=10
sleep 60
