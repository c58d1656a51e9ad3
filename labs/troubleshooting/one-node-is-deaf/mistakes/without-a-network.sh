# fails: plugin
kubectl run singer -n band --image=busybox:1.36 --overrides='{"spec":{"nodeName":"node-3","hostNetwork":true}}' -- sleep 10d
sleep 60
