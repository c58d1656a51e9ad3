# fails: notes
kubectl patch pv shelf-3 -p '{"spec":{"accessModes":["ReadWriteOnce","ReadWriteMany"]}}'
sleep 60
