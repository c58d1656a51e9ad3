# fails: album
kubectl set resources deployment/album -n studio --limits=memory=2Gi
