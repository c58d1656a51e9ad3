kubectl exec -n cart shopper -- sh -c 'for i in 1 2 3 4 5 6 7 8; do curl -s http://cart.cart.svc.cluster.local; done'
sleep 2
kubectl get service cart -n cart -o yaml | sed 's/sessionAffinity: None/sessionAffinity: ClientIP\n  sessionAffinityConfig:\n    clientIP:\n      timeoutSeconds: 600/' | kubectl replace -f -
sleep 3
kubectl exec -n cart shopper -- sh -c 'for i in 1 2 3 4 5 6; do curl -s http://cart; done'
sleep 2
name=$(kubectl exec -n cart shopper -- curl -s http://cart | cut -d' ' -f5)
kubectl delete pod -n cart "$name" --grace-period=0 --force
sleep 5
kubectl exec -n cart shopper -- sh -c 'curl -s http://cart; curl -s http://cart'
