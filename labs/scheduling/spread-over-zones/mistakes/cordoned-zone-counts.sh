# fails: outage
kubectl patch deployment tickets -n port -p '{"spec":{"template":{"spec":{"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"topology.kubernetes.io/zone","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"app":"tickets"}},"matchLabelKeys":["pod-template-hash"]}]}}}}'
kubectl rollout status deployment/tickets -n port
sleep 5
kubectl set image deployment/tickets -n port web=nginx:1.28
kubectl rollout status deployment/tickets -n port
sleep 10
kubectl drain node-5 node-6 --ignore-daemonsets
