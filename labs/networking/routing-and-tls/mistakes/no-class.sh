# fails: page
kubectl create ingress web -n shop --rule='shop.example/*=web:80'
