# fails: served
kubectl create deployment kiosk -n kiosk --image=registry.example/kiosk:1.0 --replicas=3 --port=8080
kubectl expose deployment kiosk -n kiosk --port=80 --target-port=8080
kubectl rollout status deployment/kiosk -n kiosk
sleep 5
kubectl exec -n kiosk deploy/kiosk -- kill 1
sleep 10
kubectl delete pods -n kiosk -l app=kiosk
kubectl rollout status deployment/kiosk -n kiosk
kubectl exec -n kiosk deploy/kiosk -- kill 1
sleep 10
ssh "$(kubectl get pods -n kiosk -o jsonpath='{.items[0].spec.nodeName}')" poweroff
sleep 400
