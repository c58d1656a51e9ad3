# fails: sticky
for i in 1 2 3 4 5 6; do kubectl exec -n cart shopper -- curl -s http://cart; done
sleep 2
kubectl scale deployment cart -n cart --replicas=1
sleep 5
for i in 1 2 3 4 5; do kubectl exec -n cart shopper -- curl -s http://cart; done
