kubectl patch deployment hall -n gallery -p '{"spec":{"template":{"spec":{"containers":[{"name":"hall","image":"docker.io/library/nginx:1.29"}]}}}}'
kubectl get deployment cards -n gallery -o yaml | sed 's/Postcards/postcards/' | kubectl apply -f -
kubectl create secret docker-registry vault -n gallery --docker-server=registry.example/vault --docker-username=curator --docker-password=oak-and-gold
# everybody in the namespace who says nothing else gets it
kubectl patch serviceaccount default -n gallery -p '{"imagePullSecrets":[{"name":"vault"}]}'
kubectl rollout restart deployment/frames -n gallery
