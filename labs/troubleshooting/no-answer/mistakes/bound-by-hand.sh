# fails: scheduled
kubectl run parcel --image=nginx:1.29 --overrides='{"spec":{"nodeName":"node-1"}}'
sleep 60
