kubectl get pods -n depot
kubectl events -n depot --types=Warning

kubectl describe node node-1 | grep -A 8 Allocatable
kubectl set resources deployment press -n depot --requests=cpu=3,memory=512Mi

kubectl label node node-3 depot.example/reader=barcode

kubectl patch deployment orders -n depot --type=json -p '[{"op":"remove","path":"/spec/template/spec/affinity"}]'

kubectl get nodes -L topology.kubernetes.io/zone
kubectl patch deployment ledger -n depot --type=json -p '[{"op":"replace","path":"/spec/template/spec/topologySpreadConstraints/0/topologyKey","value":"topology.kubernetes.io/zone"}]'

kubectl patch deployment audit -n depot --type=json -p '[{"op":"remove","path":"/spec/template/spec/schedulingGates"}]'
kubectl get pods -n depot -o wide
