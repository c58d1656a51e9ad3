# fails: api
kubectl create ingress web -n shop --class=nginx --rule='shop.example/*=web:80' --rule='shop.example/api*=api:80'
