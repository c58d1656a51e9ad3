kubectl patch deployment tickets -n port -p '{"spec":{"replicas":0,"template":{"spec":{"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"topology.kubernetes.io/zone","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"app":"tickets"}}}]}}}}'
sleep 5
kubectl scale deployment tickets -n port --replicas=6
kubectl rollout status deployment/tickets -n port
sleep 5
kubectl scale deployment tickets -n port --replicas=0
kubectl set image deployment/tickets -n port web=nginx:1.28
sleep 5
kubectl scale deployment tickets -n port --replicas=6
kubectl rollout status deployment/tickets -n port
sleep 10
kubectl cordon node-5
kubectl cordon node-6
kubectl patch deployment tickets -n port --type=json -p '[{"op":"add","path":"/spec/template/spec/topologySpreadConstraints/0/nodeTaintsPolicy","value":"Honor"},{"op":"add","path":"/spec/template/spec/topologySpreadConstraints/0/matchLabelKeys","value":["pod-template-hash"]}]'
kubectl rollout status deployment/tickets -n port
sleep 10
