# fails: visited
kubectl create namespace tour
kubectl run hello -n tour --image=nginx:1.29
kubectl wait -n tour --for=condition=Ready pod/hello --timeout=60s
kubectl label nodes --all tour=visited
