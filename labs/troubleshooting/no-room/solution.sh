kubectl get pods -o wide
kubectl describe node node-1
ssh node-1 df -h /
ssh node-1 "du -h -d 3 /var | sort -h | tail -5"
ssh node-1 systemctl list-units
ssh node-1 systemctl cat recorder
ssh node-1 systemctl disable --now recorder
ssh node-1 rm /var/spool/recorder/everything.raw
sleep 400
kubectl get nodes
kubectl get pods -o wide
sleep 500
