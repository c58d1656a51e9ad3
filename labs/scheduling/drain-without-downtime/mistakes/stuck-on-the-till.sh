# fails: drained
kubectl create pdb menu -n bistro --selector=app=menu --max-unavailable=1
kubectl drain node-2 --ignore-daemonsets --delete-emptydir-data --force --timeout=2m
