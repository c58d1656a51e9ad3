# fails: hello
kubectl create namespace tour
kubectl run hello --image=nginx:1.29
