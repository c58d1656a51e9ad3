kubectl get nodes -o wide
kubectl get pods -n kube-system -o wide
kubectl get services -n kube-system
kubectl create configmap findings --from-literal=scheduler=control-plane --from-literal=dns=10.96.0.10

kubectl create namespace tour
kubectl run hello -n tour --image=nginx:1.29
kubectl wait -n tour --for=condition=Ready pod/hello --timeout=60s
kubectl label node "$(kubectl get pod -n tour hello -o jsonpath='{.spec.nodeName}')" tour=visited
