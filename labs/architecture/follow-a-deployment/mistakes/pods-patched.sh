# fails: rolled
kubectl create deployment web --image=nginx:1.28 --replicas=3
kubectl rollout status deployment/web
kubectl create configmap chain --from-literal=parent="ReplicaSet/$(kubectl get rs -l app=web -o jsonpath='{.items[0].metadata.name}')" --from-literal=grandparent=Deployment/web
sleep 5
for pod in $(kubectl get pods -l app=web -o name); do kubectl set image "$pod" nginx=nginx:1.29; done
kubectl delete pods -l app=web
sleep 20
