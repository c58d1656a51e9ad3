# fails: archive
kubectl create service clusterip archive -n museum --tcp=80
