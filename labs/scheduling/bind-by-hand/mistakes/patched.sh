# fails: first
pod=$(kubectl get pods -n post -l app=letters -o jsonpath='{.items[0].metadata.name}')
kubectl patch pod "$pod" -n post -p '{"spec":{"nodeName":"node-2"}}'
kubectl patch deployment letters -n post -p '{"spec":{"template":{"spec":{"nodeName":"node-2"}}}}'
sleep 30
