# fails: hello
kubectl create namespace tour
kubectl run hello -n tour --image=ngnix:1.29
