# fails: apis
kubectl delete namespace old-shop --wait=false
kubectl create service clusterip stats-api -n archive --tcp=443
sleep 30
kubectl describe namespace old-shop
