kubectl patch deployment press -n depot -p '{"spec":{"template":{"spec":{"containers":[{"name":"press","resources":{"requests":{"cpu":"2500m"}}}]}}}}'
kubectl label node node-3 depot.example/reader=barcode
kubectl get deployment stock -n depot -o yaml | sed '/affinity:/,/topologyKey/d' | kubectl replace -f -
kubectl get deployment ledger -n depot -o yaml | sed 's#topology.kubernetes.io/zones#topology.kubernetes.io/zone#' | kubectl apply -f -
kubectl patch pod -n depot "$(kubectl get pods -n depot -l app=audit -o jsonpath='{.items[0].metadata.name}')" --type=json -p '[{"op":"remove","path":"/spec/schedulingGates/0"}]'
sleep 20
