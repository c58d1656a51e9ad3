kubectl taint node node-3 team=ml:NoSchedule team=ml:NoExecute
kubectl patch daemonset agent -n kube-system -p '{"spec":{"template":{"spec":{"tolerations":[{"key":"team","operator":"Exists"}]}}}}'
kubectl patch deployment training -n ml -p '{"spec":{"template":{"spec":{"tolerations":[{"key":"team","operator":"Exists"}],"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchFields":[{"key":"metadata.name","operator":"In","values":["node-3"]}]}]}}}}}}}'
sleep 60
