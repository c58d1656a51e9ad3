kubectl get pods -A | grep -v kube-system
kubectl exec -n sea deploy/ferry -- nslookup lighthouse.harbour.svc.cluster.local
kubectl exec -n sea deploy/ferry -- cat /etc/resolv.conf
kubectl get configmap -n kube-system coredns -o yaml | sed 's/cluster.lokal/cluster.local/' | kubectl replace -f -
kubectl rollout restart -n kube-system deployment/coredns
kubectl rollout status -n kube-system deployment/coredns
kubectl wait -n sea --for=condition=Ready pod -l app=ferry --timeout=60s

kubectl exec -n pilots deploy/pilot -- nslookup lighthouse.harbour.svc.cluster.local
kubectl describe networkpolicy -n pilots
kubectl patch networkpolicy -n pilots only-the-lighthouse --type=json -p '[{"op":"add","path":"/spec/egress/-","value":{"to":[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"kube-system"}},"podSelector":{"matchLabels":{"k8s-app":"kube-dns"}}}],"ports":[{"port":53,"protocol":"UDP"},{"port":53,"protocol":"TCP"}]}}]'
kubectl wait -n pilots --for=condition=Ready pod -l app=pilot --timeout=60s

kubectl exec -n sea deploy/tug -- cat /etc/resolv.conf
kubectl patch deployment -n sea tug -p '{"spec":{"template":{"spec":{"dnsPolicy":"ClusterFirst","dnsConfig":null}}}}'
kubectl rollout status -n sea deployment/tug --timeout=60s
sleep 30

kubectl exec -n sea deploy/ferry -- nslookup lighthouse.harbour.svc.cluster.local
kubectl get service -n harbour lighthouse
kubectl get configmap -n kube-system coredns -o json | jq '.data.Corefile |= sub("hosts \\{[^}]*\\}\n"; "")' | kubectl replace -f -
kubectl rollout restart -n kube-system deployment/coredns
kubectl rollout status -n kube-system deployment/coredns
sleep 60
