# fails: frames
kubectl create secret docker-registry vault --docker-server=registry.example --docker-username=curator --docker-password=oak-and-gold
kubectl patch deployment frames -n gallery -p '{"spec":{"template":{"spec":{"imagePullSecrets":[{"name":"vault"}]}}}}'
