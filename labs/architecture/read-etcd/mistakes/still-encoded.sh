# fails: password
echo /registry/secrets/safe/vault > key
kubectl get secret -n safe vault -o jsonpath='{.data.password}' > password
