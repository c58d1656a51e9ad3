# fails: frames
kubectl patch deployment frames -n gallery -p '{"spec":{"template":{"spec":{"imagePullSecrets":[{"name":"registry-login"}]}}}}'
