# fails: town
kubectl expose deployment museum -n museum --name=museum-front --type=NodePort --port=80 --target-port=8080
