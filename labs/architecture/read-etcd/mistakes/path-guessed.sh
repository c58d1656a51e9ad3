# fails: key
echo /secrets/safe/vault > key
