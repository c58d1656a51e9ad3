# the server counts: every Pod's open connections before and after would do as well; here one Pod is left to draw from
kubectl get pods -n post -l app=mail -o wide
kubectl scale deployment -n post mail --replicas=1
sleep 10
kubectl exec -n post sender-1 -- curl -s http://mail
kubectl label pods -n post -l app=mail letter=received
kubectl scale deployment -n post mail --replicas=3
kubectl patch deployment -n post stamps -p '{"spec":{"template":{"metadata":{"labels":{"box":"stamps"}}}}}'
kubectl patch service -n post stamps --type=json -p '[{"op":"replace","path":"/spec/ports/0/targetPort","value":8080}]'
kubectl get daemonset -n kube-system kube-proxy -o json | jq 'del(.spec.template.spec.affinity, .status)' | kubectl replace -f -
kubectl rollout status -n kube-system daemonset/kube-proxy
kubectl patch networkpolicy -n post parcels --type=json -p '[{"op":"replace","path":"/spec/ingress/0/ports/0/port","value":"slot"}]'
sleep 5
