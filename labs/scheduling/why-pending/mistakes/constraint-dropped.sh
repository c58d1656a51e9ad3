# fails: ledger
kubectl patch deployment ledger -n depot --type=json -p '[{"op":"remove","path":"/spec/template/spec/topologySpreadConstraints"}]'
