# fails: budget
kubectl create pdb menu -n bistro --selector=app=menu --min-available=4
