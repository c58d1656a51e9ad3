kubectl label nodes node-1 node-3 disktype=hdd
kubectl label nodes node-2 node-4 disktype=ssd
kubectl scale deployment search archive database -n library --replicas=0
sleep 10
kubectl patch deployment database -n library -p '{"spec":{"replicas":2,"template":{"spec":{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"disktype","operator":"In","values":["ssd","nvme"]}]}]}}}}}}}'
kubectl rollout status deployment/database -n library
kubectl patch deployment archive -n library -p '{"spec":{"replicas":2,"template":{"spec":{"nodeSelector":{"disktype":"hdd"}}}}}'
kubectl rollout status deployment/archive -n library
kubectl patch deployment search -n library -p '{"spec":{"replicas":6,"template":{"spec":{"affinity":{"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":50,"preference":{"matchExpressions":[{"key":"disktype","operator":"In","values":["ssd"]}]}}]}}}}}}'
kubectl rollout status deployment/search -n library
