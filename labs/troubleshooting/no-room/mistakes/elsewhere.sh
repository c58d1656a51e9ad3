# fails: work
kubectl patch deployment tower --type=json -p '[{"op":"remove","path":"/spec/template/spec/topologySpreadConstraints"}]'
kubectl cordon node-1
ssh node-1 systemctl disable --now recorder
ssh node-1 rm /var/spool/recorder/everything.raw
sleep 500
