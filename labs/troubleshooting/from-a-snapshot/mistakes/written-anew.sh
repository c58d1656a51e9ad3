# fails: back
kubectl create namespace archive
kubectl create configmap -n archive catalogue --from-literal=shelf-4471='letters, 1871 to 1902'
kubectl create deployment -n archive reading-room --image=nginx:1.29 --replicas=2
sleep 60
