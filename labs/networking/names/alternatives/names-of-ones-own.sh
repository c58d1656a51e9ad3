# the violin keeps its word: a Service that is only a name stands for it
kubectl create service externalname scores -n orchestra --external-name=scores.library.svc.cluster.local
kubectl patch deployment -n orchestra cello --type=json -p '[{"op":"remove","path":"/spec/template/spec/dnsPolicy"}]'
kubectl create service clusterip players -n orchestra --clusterip=None --dry-run=client -o yaml | kubectl apply -f -
kubectl get configmap -n kube-system coredns -o yaml | sed "s/^        ready\$/        ready\n        hosts {\n           $(kubectl get service -n library archive -o jsonpath='{.spec.clusterIP}') archive.example.org\n           fallthrough\n        }/" | kubectl replace -f -
kubectl rollout restart -n kube-system deployment/coredns
sleep 30
