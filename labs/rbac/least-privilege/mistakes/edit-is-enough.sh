# fails: no-more
kubectl delete clusterrolebinding ci-tools
kubectl create rolebinding pipeline -n shop --clusterrole=edit --serviceaccount=delivery:pipeline
kubectl set image deployment/web -n shop web=nginx:1.29 --as=system:serviceaccount:delivery:pipeline
kubectl rollout status deployment/web -n shop
