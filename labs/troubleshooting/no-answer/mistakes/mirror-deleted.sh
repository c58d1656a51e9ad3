# fails: scheduled
kubectl run parcel --image=nginx:1.29
systemctl restart kubelet
sleep 60
