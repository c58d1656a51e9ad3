# fails: placed
kubectl set resources deployment/cranes -n harbour --requests=cpu=500m
kubectl label node node-1 harbour.example/quay=depe
sleep 10
