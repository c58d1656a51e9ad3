# fails: arrived
server=$(ssh node-1 iptables-save -t nat | grep 'post/mail.*DNAT' | grep -o '10\.244\.[0-9.]*' | head -1)
kubectl exec -n post sender-1 -- curl -s http://mail
service=$(kubectl get service -n post mail -o jsonpath='{.spec.clusterIP}')
reached=$(ssh node-1 conntrack -L -d "$service" 2>/dev/null | tail -1 | grep -o 'src=[0-9.]*' | tail -1 | cut -d= -f2)
kubectl label -n post "$(kubectl get pods -n post -l app=mail -o wide --no-headers | grep -v "$reached " | awk 'NR==1{print "pod/"$1}')" letter=received
