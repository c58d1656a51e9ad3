# fails: placed
kubectl set resources deployment/cranes -n harbour --requests=cpu=500m
kubectl patch deployment cranes -n harbour -p '{"spec":{"template":{"spec":{"tolerations":[{"key":"harbour.example/quay","operator":"Exists"}]}}}}'
