# fails: rolled
sed -i 's/progressDeadlineSeconds: 60/progressDeadlineSeconds: 6000/' till-2.yaml
kubectl apply -f till-2.yaml
