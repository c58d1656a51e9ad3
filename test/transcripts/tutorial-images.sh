# A guestbook: its frontend writes to one Redis and reads from others, which follow it.
kubectl create deployment redis-leader --image redis:6.0.5
kubectl create deployment redis-follower --image us-docker.pkg.dev/google-samples/containers/gke/gb-redis-follower:v2 --replicas 2
kubectl create deployment frontend --image us-docker.pkg.dev/google-samples/containers/gke/gb-frontend:v5
kubectl expose deployment redis-leader --port 6379
kubectl expose deployment redis-follower --port 6379
kubectl expose deployment frontend --port 80
kubectl wait --for condition=Available deployment --all --timeout 60s
page="http://$(kubectl get service frontend -o jsonpath='{.spec.clusterIP}')/guestbook.php"
curl -s "$page?cmd=set&key=names&value=ada+lovelace"; echo
sleep 2
curl -s "$page?cmd=get&key=names"; echo
kubectl exec deploy/redis-follower -- redis-cli set names charles
kubectl exec deploy/redis-leader -- redis-cli info replication
# WordPress asks its database on every request.
kubectl run blog --image wordpress --env WORDPRESS_DB_HOST=store --env WORDPRESS_DB_PASSWORD=secret --env WORDPRESS_DB_USER=writer --port 80 --expose
kubectl wait --for condition=Ready pod/blog --timeout 60s
sleep 5
blog="http://$(kubectl get service blog -o jsonpath='{.spec.clusterIP}')"
curl -s -o /dev/null -w '%{http_code}\n' $blog
kubectl run store --image mysql:8.0 --env MYSQL_ROOT_PASSWORD=root --env MYSQL_USER=writer --env MYSQL_PASSWORD=secret --env MYSQL_DATABASE=wordpress --port 3306 --expose
kubectl wait --for condition=Ready pod/store --timeout 60s
sleep 20
curl -s -o /dev/null -w '%{http_code}\n' $blog
# PostgreSQL wants a password for its superuser.
kubectl run careless --image postgres:16 --restart Never
kubectl run careful --image postgres:16 --restart Never --env POSTGRES_PASSWORD=secret
sleep 10
kubectl logs careless
kubectl exec careful -- pg_isready
kubectl get pods careless careful
# socat carries the database's port elsewhere.
kubectl run carrier --image alpine/socat --port 6000 --expose -- tcp-listen:6000,fork tcp-connect:redis-leader:6379
kubectl wait --for condition=Ready pod/carrier --timeout 60s
kubectl exec deploy/redis-follower -- redis-cli -h carrier -p 6000 get names
# nginx with a certificate that it signed itself, and a test of its configuration.
openssl req -x509 -nodes -newkey ec -keyout shop.key -out shop.crt -subj /CN=shop -addext subjectAltName=DNS:shop -days 30
kubectl create secret tls shop --cert shop.crt --key shop.key
printf 'server {\n  listen 443 ssl;\n  ssl_certificate /tls/tls.crt;\n  ssl_certificate_key /tls/tls.key;\n  return 200 "safe\\n";\n}\n' > shop.conf
kubectl create configmap shop --from-file default.conf=shop.conf
kubectl run shop --image nginx --port 443 --expose --overrides '{"apiVersion":"v1","spec":{"containers":[{"name":"shop","image":"nginx","volumeMounts":[{"name":"tls","mountPath":"/tls"},{"name":"conf","mountPath":"/etc/nginx/conf.d"}]}],"volumes":[{"name":"tls","secret":{"secretName":"shop"}},{"name":"conf","configMap":{"name":"shop"}}]}}'
kubectl wait --for condition=Ready pod/shop --timeout 60s
kubectl get service shop -o jsonpath='{.spec.clusterIP} shop{"\n"}' >> /etc/hosts
curl -s https://shop
curl -s --cacert shop.crt https://shop; echo "$?"
curl -sk https://shop
kubectl exec shop -- nginx -T 2>/dev/null | head -2
