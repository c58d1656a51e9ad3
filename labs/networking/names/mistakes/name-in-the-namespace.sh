# fails: archive
kubectl create service externalname archive -n orchestra --external-name=archive.library.svc.cluster.local
