# fails: arrived
kubectl exec -n post sender-1 -- curl -s http://mail
kubectl label pods -n post -l app=mail letter=received
