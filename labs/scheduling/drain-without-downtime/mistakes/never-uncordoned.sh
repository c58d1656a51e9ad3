# fails: back
kubectl create pdb menu -n bistro --selector=app=menu --max-unavailable=1
kubectl scale deployment till -n bistro --replicas=2
kubectl rollout status deployment/till -n bistro
sleep 3
kubectl drain node-2 --ignore-daemonsets --delete-emptydir-data --force
