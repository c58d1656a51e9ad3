kubectl get pods -n gallery
kubectl events -n gallery --types=Warning
kubectl set image deployment/hall -n gallery hall=nginx:1.29
kubectl set image deployment/cards -n gallery cards=registry.example/postcards:1.0

cat registry.txt
kubectl delete secret registry-login -n gallery
kubectl create secret docker-registry registry-login -n gallery --docker-server=registry.example --docker-username=curator --docker-password=oak-and-gold
kubectl patch deployment frames -n gallery -p '{"spec":{"template":{"spec":{"imagePullSecrets":[{"name":"registry-login"}]}}}}'
kubectl rollout status deployment/frames -n gallery --timeout=120s
