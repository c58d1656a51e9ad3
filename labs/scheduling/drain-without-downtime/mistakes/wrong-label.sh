# fails: budget
kubectl create pdb menu -n bistro --selector=app=menue --max-unavailable=1
