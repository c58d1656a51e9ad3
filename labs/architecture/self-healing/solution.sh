kubectl create deployment kiosk -n kiosk --image=registry.example/kiosk:1.0 --replicas=3 --port=8080
kubectl expose deployment kiosk -n kiosk --port=80 --target-port=8080
kubectl rollout status deployment/kiosk -n kiosk
sleep 5

# a container dies: its kubelet starts it again, in the same Pod
kubectl exec -n kiosk deploy/kiosk -- kill 1
sleep 5
kubectl wait -n kiosk --for=condition=Ready pod -l app=kiosk --timeout=60s

# a Pod dies: the ReplicaSet makes another
kubectl delete -n kiosk "$(kubectl get pods -n kiosk -l app=kiosk -o name | tail -1)"
kubectl rollout status deployment/kiosk -n kiosk
sleep 5

# a node dies: after 50 s it counts as lost, after another 300 s its Pods are replaced elsewhere
node=$(kubectl get pods -n kiosk -l app=kiosk -o jsonpath='{.items[0].spec.nodeName}')
ssh "$node" poweroff
kubectl wait --for=condition=Ready=Unknown "node/$node" --timeout=120s
sleep 320
kubectl get pods -n kiosk -o wide
