# fails: films
kubectl patch deployment -n archive films -p '{"spec":{"template":{"spec":{"nodeName":null,"nodeSelector":{"kubernetes.io/hostname":"node-1"}}}}}'
ssh node-1 mkdir -p /srv/disk-1
sleep 60
