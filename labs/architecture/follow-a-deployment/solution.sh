kubectl create deployment web --image=nginx:1.28 --replicas=3
kubectl rollout status deployment/web

kubectl get pods -l app=web
kubectl get replicasets -l app=web
rs=$(kubectl get replicasets -l app=web -o jsonpath='{.items[0].metadata.name}')
kubectl create configmap chain --from-literal=parent="ReplicaSet/$rs" --from-literal=grandparent=Deployment/web
sleep 5

kubectl set image deployment/web nginx=nginx:1.29
kubectl rollout status deployment/web
kubectl get replicasets -l app=web
