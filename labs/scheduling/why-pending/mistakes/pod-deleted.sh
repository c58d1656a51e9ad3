# fails: gate
kubectl delete pods -n depot -l app=audit
