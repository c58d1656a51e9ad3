# fails: allowed
kubectl create clusterrolebinding deployer --clusterrole=cluster-admin --serviceaccount=crew:deployer
