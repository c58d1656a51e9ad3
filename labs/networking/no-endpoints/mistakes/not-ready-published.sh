# fails: tea
kubectl patch service -n bakery tea -p '{"spec":{"publishNotReadyAddresses":true}}'
