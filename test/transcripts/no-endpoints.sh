kubectl run client --image=curlimages/curl --command -- sleep infinity
kubectl create service clusterip lonely --tcp=80
kubectl wait --for=condition=Ready pod/client
kubectl get endpointslices -l kubernetes.io/service-name=lonely -o custom-columns=PORTS:.ports,ENDPOINTS:.endpoints
kubectl exec client -- curl -sS -m 5 http://lonely | sed 's/after [0-9]* ms/after N ms/'
kubectl exec client -- curl -sS -m 5 http://nothing
kubectl exec client -- nslookup -type=a nothing.default.svc.cluster.local
kubectl -n kube-system scale deploy/coredns --replicas=0
sleep 40
kubectl exec client -- curl -sS -m 30 http://kubernetes
kubectl exec client -- curl -sSk -m 5 https://10.96.0.1/healthz; echo
kubectl -n kube-system scale deploy/coredns --replicas=2
kubectl -n kube-system rollout status deploy/coredns
kubectl exec client -- curl -sSk -m 5 https://kubernetes/healthz; echo
kubectl -n kube-system delete ds kube-proxy
kubectl create deployment late --image=nginx; kubectl expose deployment late --port=80
kubectl rollout status deploy/late
kubectl exec client -- curl -sS -m 5 http://late
kubectl exec client -- curl -sSk -m 5 https://kubernetes/healthz; echo
