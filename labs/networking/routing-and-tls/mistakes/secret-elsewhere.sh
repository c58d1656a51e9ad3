# fails: secure
kubectl create secret tls shop --cert=tls.crt --key=tls.key
kubectl create ingress web -n shop --class=nginx --rule='shop.example/*=web:80,tls=shop'
