# fails: pair
kubectl patch deployment orders -n depot --type=json -p '[{"op":"remove","path":"/spec/template/spec/affinity"},{"op":"add","path":"/spec/template/spec/nodeSelector","value":{"kubernetes.io/hostname":"node-1"}}]'
kubectl patch deployment stock -n depot --type=json -p '[{"op":"remove","path":"/spec/template/spec/affinity"},{"op":"add","path":"/spec/template/spec/nodeSelector","value":{"kubernetes.io/hostname":"node-2"}}]'
