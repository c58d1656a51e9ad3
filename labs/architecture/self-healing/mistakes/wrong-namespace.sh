# fails: running
kubectl create deployment kiosk --image=registry.example/kiosk:1.0 --replicas=3 --port=8080
kubectl expose deployment kiosk --port=80 --target-port=8080
kubectl rollout status deployment/kiosk
sleep 5
