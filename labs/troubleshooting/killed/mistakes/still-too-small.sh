# fails: darkroom
kubectl describe pods -n studio -l app=darkroom
kubectl set resources deployment/darkroom -n studio --limits=memory=80Mi
