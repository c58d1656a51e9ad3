# fails: made
kubectl events -n harbour
kubectl patch quota berths -n harbour -p '{"spec":{"hard":{"requests.cpu":"12"}}}'
