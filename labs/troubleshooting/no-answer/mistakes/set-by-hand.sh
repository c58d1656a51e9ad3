# fails: managed
kubectl run parcel --image=nginx:1.29
sed -i 's/^ containers:/  containers:/' /etc/kubernetes/manifests/kube-scheduler.yaml
sleep 60
kubectl create deployment letters --image=nginx:1.29 --replicas=2
for n in 1 2; do kubectl run letters-$n --image=nginx:1.29 --labels=app=letters; done
sleep 60
