cat cranes.txt
kubectl get pods,replicasets -n harbour
kubectl events -n harbour --types=Warning
kubectl describe quota -n harbour
kubectl set resources deployment/cranes -n harbour --requests=cpu=500m
sleep 5
kubectl describe pods -n harbour -l app=cranes | grep FailedScheduling | tail -1
kubectl get nodes -L harbour.example/quay
kubectl patch deployment cranes -n harbour -p '{"spec":{"template":{"spec":{"nodeSelector":{"harbour.example/quay":"deep"}}}}}'
sleep 5
kubectl describe pods -n harbour -l app=cranes | grep FailedScheduling | tail -1
kubectl describe node node-2 | grep Taints
kubectl patch deployment cranes -n harbour -p '{"spec":{"template":{"spec":{"tolerations":[{"key":"harbour.example/quay","value":"deep","effect":"NoSchedule"}]}}}}'
kubectl rollout status deployment/cranes -n harbour --timeout=120s

kubectl describe pods -n harbour -l app=pilot | grep FailedScheduling
kubectl uncordon node-3
kubectl rollout status deployment/pilot -n harbour --timeout=60s
