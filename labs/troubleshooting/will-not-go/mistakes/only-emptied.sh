# fails: asked
kubectl delete all --all -n old-shop
