# fails: deployed
kubectl create deployment web --image=nginx:1.28 --replicas=2
kubectl rollout status deployment/web
