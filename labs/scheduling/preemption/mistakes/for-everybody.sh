# fails: class
kubectl create priorityclass urgent --value=1000 --global-default
