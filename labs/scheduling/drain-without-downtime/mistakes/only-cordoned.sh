# fails: drained
kubectl create pdb menu -n bistro --selector=app=menu --max-unavailable=1
kubectl cordon node-2
sleep 30
