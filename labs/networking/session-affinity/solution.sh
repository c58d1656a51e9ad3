for i in 1 2 3 4 5 6; do kubectl exec -n cart shopper -- curl -s http://cart; done
sleep 2
kubectl patch service cart -n cart -p '{"spec":{"sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":600}}}}'
sleep 3
for i in 1 2 3 4 5; do kubectl exec -n cart shopper -- curl -s http://cart; done
sleep 2
kubectl delete pod -n cart "$(kubectl exec -n cart shopper -- curl -s http://cart | awk '{print $NF}')"
sleep 3
for i in 1 2 3; do kubectl exec -n cart shopper -- curl -s http://cart; done
