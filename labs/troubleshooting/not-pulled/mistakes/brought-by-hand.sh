# fails: stays
for node in node-1 node-2; do ssh $node crictl pull --creds curator:oak-and-gold registry.example/vault/frames:2.0; done
kubectl patch deployment frames -n gallery -p '{"spec":{"template":{"spec":{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"kubernetes.io/hostname","operator":"In","values":["node-1","node-2"]}]}]}}}}}}}'
kubectl delete pods -n gallery -l app=frames
kubectl rollout status deployment/frames -n gallery --timeout=60s
