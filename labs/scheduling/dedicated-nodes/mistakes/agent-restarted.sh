# fails: agent
kubectl taint node node-3 dedicated=ml:NoExecute
kubectl rollout restart daemonset/agent -n kube-system
sleep 30
