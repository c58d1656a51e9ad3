# fails: training
kubectl taint node node-3 dedicated=ml:NoExecute
kubectl patch deployment training -n ml -p '{"spec":{"template":{"spec":{"tolerations":[{"key":"dedicated","operator":"Equal","value":"ml","effect":"NoExecute"}]}}}}'
sleep 30
