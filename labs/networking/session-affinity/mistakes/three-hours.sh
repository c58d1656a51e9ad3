# fails: sticky
for i in 1 2 3 4 5 6; do kubectl exec -n cart shopper -- curl -s http://cart; done
sleep 2
kubectl patch service cart -n cart -p '{"spec":{"sessionAffinity":"ClientIP"}}'
sleep 3
for i in 1 2 3 4 5; do kubectl exec -n cart shopper -- curl -s http://cart; done
