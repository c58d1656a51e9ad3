# fails: visitors
kubectl expose deployment museum -n museum --name=museum-front --type=LoadBalancer --port=80 --target-port=8080
kubectl patch service museum-front -n museum -p '{"spec":{"internalTrafficPolicy":"Local"}}'
