# fails: closed
kubectl create ingress closed -n shop --class=nginx --rule='shop.example/*=closed:80'
