# fails: lost
for i in 1 2 3 4 5 6; do kubectl exec -n cart shopper -- curl -s http://cart; done
sleep 2
kubectl patch service cart -n cart -p '{"spec":{"sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":600}}}}'
sleep 3
for i in 1 2 3 4 5; do kubectl exec -n cart shopper -- curl -s http://cart; done
sleep 2
kubectl delete -n cart "$(kubectl get pods -n cart -l app=cart -o name | grep -v "$(kubectl exec -n cart shopper -- curl -s http://cart | awk '{print $NF}')" | head -1)"
sleep 3
for i in 1 2 3; do kubectl exec -n cart shopper -- curl -s http://cart; done
