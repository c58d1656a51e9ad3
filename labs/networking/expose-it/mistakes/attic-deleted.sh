# fails: door
kubectl delete service exhibition -n attic
kubectl create service nodeport museum-door -n museum --tcp=80:8080 --node-port=30080
kubectl set selector service museum-door -n museum app=museum
