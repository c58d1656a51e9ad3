# fails: shop
kubectl taint nodes --all dedicated=ml:NoExecute
sleep 20
