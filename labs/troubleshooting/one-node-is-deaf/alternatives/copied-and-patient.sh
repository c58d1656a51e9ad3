# the file of a neighbour with another number; kube-proxy reads its configuration again when it starts again by itself
kubectl get configmap -n kube-system kube-proxy -o json | jq '.data["config.conf"] |= sub("mode: iptable\n"; "mode: nftables\n")' | kubectl apply -f -
block=$(kubectl get node node-3 -o jsonpath='{.spec.podCIDR}')
ssh node-1 cat /etc/cni/net.d/10-bridge.conflist | sed "s#\"subnet\": \".*\"#\"subnet\": \"$block\"#" > 10-bridge.conflist
cat 10-bridge.conflist | ssh node-3 'cat > /etc/cni/net.d/10-bridge.conflist'
sleep 20
kubectl apply -f - <<'YAML'
apiVersion: v1
kind: Pod
metadata: { name: singer, namespace: band }
spec:
  nodeSelector: { kubernetes.io/hostname: node-3 }
  containers:
  - { name: voice, image: "nginx:1.29" }
---
apiVersion: v1
kind: Service
metadata: { name: encore, namespace: band }
spec:
  selector: { app: drums }
  ports: [{ port: 80, targetPort: 8080 }]
YAML
block=$(kubectl get node node-2 -o jsonpath='{.spec.podCIDR}')
ssh node-2 "sed -i 's#\"subnet\": \".*\"#\"subnet\": \"$block\"#' /etc/cni/net.d/10-bridge.conflist"
kubectl patch deployment -n band crowd -p '{"spec":{"replicas":11}}'
sleep 420
