# fails: pod
kubectl create deployment kiosk -n kiosk --image=registry.example/kiosk:1.0 --replicas=3 --port=8080
kubectl expose deployment kiosk -n kiosk --port=80 --target-port=8080
kubectl rollout status deployment/kiosk -n kiosk
sleep 5
kubectl scale deployment/kiosk -n kiosk --replicas=2
sleep 5
kubectl scale deployment/kiosk -n kiosk --replicas=3
kubectl rollout status deployment/kiosk -n kiosk
