# fails: class
kubectl create priorityclass urgent --value=10
