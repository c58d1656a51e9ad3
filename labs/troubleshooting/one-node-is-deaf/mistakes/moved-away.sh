# fails: addresses
kubectl patch deployment -n band crowd -p '{"spec":{"replicas":10,"template":{"spec":{"nodeSelector":null}}}}'
sleep 60
