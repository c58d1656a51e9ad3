# fails: dropped
kubectl delete networkpolicy -n post parcels
