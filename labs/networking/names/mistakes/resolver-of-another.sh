# fails: cello
kubectl patch deployment -n orchestra cello -p '{"spec":{"template":{"spec":{"dnsPolicy":"None","dnsConfig":{"nameservers":["172.18.0.1"],"searches":["library.svc.cluster.local"]}}}}}'
