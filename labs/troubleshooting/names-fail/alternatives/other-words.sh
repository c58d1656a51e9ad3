# the file is left to be read again, the policy names the addresses, tug is told the right server
kubectl get configmap -n kube-system coredns -o yaml | sed 's/cluster.lokal/cluster.local/' | kubectl apply -f -
sleep 150
kubectl apply -f - <<'YAML'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: names, namespace: pilots }
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
  - ports: [{ port: 53, protocol: UDP }, { port: 53, protocol: TCP }]
    to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } } }]
YAML
sleep 30
kubectl patch deployment -n sea tug --type=json -p '[{"op":"replace","path":"/spec/template/spec/dnsConfig/nameservers","value":["10.96.0.10"]}]'
sleep 60
kubectl get configmap -n kube-system coredns -o yaml | sed '/hosts {/,/}/d' | kubectl replace -f -
kubectl delete pods -n kube-system -l k8s-app=kube-dns
sleep 60
