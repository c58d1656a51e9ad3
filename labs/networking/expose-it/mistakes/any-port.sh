# fails: door
kubectl expose deployment museum -n museum --name=museum-door --type=NodePort --port=80 --target-port=8080
