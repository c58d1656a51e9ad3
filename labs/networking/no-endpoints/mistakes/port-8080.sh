# fails: bread
kubectl delete service -n bakery bread
kubectl create service clusterip bread -n bakery --tcp=8080
