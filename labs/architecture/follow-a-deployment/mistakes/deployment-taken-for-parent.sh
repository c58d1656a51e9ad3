# fails: chain
kubectl create deployment web --image=nginx:1.28 --replicas=3
kubectl rollout status deployment/web
kubectl create configmap chain --from-literal=parent=Deployment/web --from-literal=grandparent=Deployment/web
