# fails: steady
kubectl create deployment web --image=nginx:1.28 --replicas=3
kubectl rollout status deployment/web
kubectl create configmap chain --from-literal=parent="ReplicaSet/$(kubectl get rs -l app=web -o jsonpath='{.items[0].metadata.name}')" --from-literal=grandparent=Deployment/web
sleep 5
kubectl patch deployment web -p '{"spec":{"strategy":{"type":"Recreate","rollingUpdate":null}}}'
kubectl set image deployment/web nginx=nginx:1.29
kubectl rollout status deployment/web
