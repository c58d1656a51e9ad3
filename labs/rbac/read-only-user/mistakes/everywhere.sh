# fails: no-more
kubectl create clusterrolebinding auditors --clusterrole=view --group=auditors
