# fails: room
ssh node-1 crictl rmi --prune
kubectl delete pods --field-selector=status.phase=Failed
sleep 400
