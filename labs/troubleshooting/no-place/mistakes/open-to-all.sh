# fails: placed
kubectl set resources deployment/cranes -n harbour --requests=cpu=500m
kubectl patch deployment cranes -n harbour -p '{"spec":{"template":{"spec":{"nodeSelector":{"harbour.example/quay":"deep"}}}}}'
kubectl taint node node-2 harbour.example/quay-
kubectl rollout status deployment/cranes -n harbour --timeout=60s
