kubectl get pods -n bistro -o wide
kubectl get pdb -n bistro
kubectl create pdb menu -n bistro --selector=app=menu --max-unavailable=1

kubectl scale deployment till -n bistro --replicas=2
kubectl rollout status deployment/till -n bistro
sleep 3

kubectl drain node-2 --ignore-daemonsets --delete-emptydir-data --force
kubectl get pods -A -o wide --field-selector spec.nodeName=node-2
sleep 5

kubectl uncordon node-2
kubectl scale deployment till -n bistro --replicas=1
