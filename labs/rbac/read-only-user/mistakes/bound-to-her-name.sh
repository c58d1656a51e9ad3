# fails: reads
kubectl create rolebinding dana -n shop --clusterrole=view --user=dana
kubectl get pods -n shop --as=dana
