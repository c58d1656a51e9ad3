# fails: tug
kubectl get configmap -n kube-system coredns -o yaml | sed 's/cluster.lokal/cluster.local/' | kubectl replace -f -
kubectl rollout restart -n kube-system deployment/coredns
sleep 30
kubectl patch networkpolicy -n pilots only-the-lighthouse --type=json -p '[{"op":"add","path":"/spec/egress/-","value":{"ports":[{"port":53,"protocol":"UDP"}]}}]'
sleep 30
kubectl patch deployment -n sea tug -p '{"spec":{"template":{"spec":{"dnsPolicy":"Default","dnsConfig":null}}}}'
sleep 60
