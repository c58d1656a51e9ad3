kubectl get nodes
kubectl get node node-3 -o jsonpath='{.status.conditions[?(@.type=="Ready")].message}'
ssh node-3 cat /etc/cni/net.d/10-bridge.conflist | head -3
ssh node-3 "sed -i '1s/^/{/' /etc/cni/net.d/10-bridge.conflist"
kubectl wait --for=condition=Ready node/node-3 --timeout=60s
kubectl run singer -n band --image=busybox:1.36 --overrides='{"spec":{"nodeName":"node-3"}}' -- sleep 10d

kubectl scale deployment -n band crowd --replicas=10
sleep 10
kubectl get events -n band --field-selector reason=FailedCreatePodSandBox | tail -1
kubectl get node node-2 -o jsonpath='{.spec.podCIDR}'
ssh node-2 "sed -i 's#/29#/24#' /etc/cni/net.d/10-bridge.conflist"
kubectl rollout status -n band deployment/crowd --timeout=180s

kubectl expose deployment -n band drums --name=encore --port=80 --target-port=beat
kubectl get pods -n kube-system -l k8s-app=kube-proxy
kubectl logs -n kube-system -l k8s-app=kube-proxy --tail=1
kubectl get configmap -n kube-system kube-proxy -o yaml | sed 's/mode: iptable$/mode: iptables/' | kubectl replace -f -
kubectl rollout restart -n kube-system daemonset/kube-proxy
kubectl rollout status -n kube-system daemonset/kube-proxy --timeout=180s
sleep 5
