kubectl exec -n post sender-1 -- curl -s http://mail
service=$(kubectl get service -n post mail -o jsonpath='{.spec.clusterIP}')
ssh node-1 conntrack -L -d "$service"
server=$(ssh node-1 conntrack -L -d "$service" 2>/dev/null | tail -1 | grep -o 'src=[0-9.]*' | tail -1 | cut -d= -f2)
kubectl label -n post "$(kubectl get pods -n post -l app=mail -o jsonpath="{.items[?(@.status.podIP==\"$server\")].metadata.name}" | sed 's/^/pod\//')" letter=received

kubectl get endpointslices -n post
kubectl patch service -n post stamps -p '{"spec":{"ports":[{"port":80,"targetPort":"slot"}]}}'

ssh node-2 iptables-save -t nat | grep post/mail
kubectl get pods -n kube-system -l k8s-app=kube-proxy -o wide
kubectl patch daemonset -n kube-system kube-proxy --type=json -p '[{"op":"remove","path":"/spec/template/spec/affinity"}]'
kubectl rollout status -n kube-system daemonset/kube-proxy

kubectl describe networkpolicy -n post parcels
kubectl patch networkpolicy -n post parcels --type=json -p '[{"op":"replace","path":"/spec/ingress/0/ports/0/port","value":8080}]'
sleep 3
