# fails: enforced
echo '{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"deny","namespace":"clinic"},"spec":{"podSelector":{},"policyTypes":["Ingress"]}}' | kubectl apply -f -
