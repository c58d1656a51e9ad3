# fails: update
kubectl scale deployment tickets -n port --replicas=0
kubectl patch deployment tickets -n port -p '{"spec":{"template":{"spec":{"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"topology.kubernetes.io/zone","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"app":"tickets"}}}]}}}}'
kubectl scale deployment tickets -n port --replicas=6
kubectl rollout status deployment/tickets -n port
sleep 5
kubectl set image deployment/tickets -n port web=nginx:1.28
kubectl rollout status deployment/tickets -n port
