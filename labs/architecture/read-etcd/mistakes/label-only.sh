# fails: changed
echo /registry/secrets/safe/vault > key
echo open-sesame > password
sleep 3
kubectl label secret -n safe vault seen=yes
