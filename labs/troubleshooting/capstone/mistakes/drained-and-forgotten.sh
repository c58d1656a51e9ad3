# fails: nodes
ssh node-2 systemctl enable --now kubelet
kubectl wait --for=condition=Ready node/node-2 --timeout=60s
kubectl cordon node-1
sleep 30
