# fails: page
kubectl create ingress web -n shop --class=nginx --rule='shop.example/*=web:8080'
