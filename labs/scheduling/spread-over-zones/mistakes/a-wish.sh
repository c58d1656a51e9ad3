# fails: even
kubectl patch deployment tickets -n port -p '{"spec":{"template":{"spec":{"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"topology.kubernetes.io/zone","whenUnsatisfiable":"ScheduleAnyway","labelSelector":{"matchLabels":{"app":"tickets"}}}]}}}}'
kubectl rollout status deployment/tickets -n port
