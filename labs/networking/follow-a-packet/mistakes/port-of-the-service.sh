# fails: refused
kubectl patch service -n post stamps --type=json -p '[{"op":"replace","path":"/spec/ports/0/port","value":8080}]'
