kubectl get nodes
kubectl label node node-2 node-4 disktype=ssd
kubectl label node node-1 node-3 disktype=hdd

kubectl patch deployment database -n library -p '{"spec":{"template":{"spec":{"nodeSelector":{"disktype":"ssd"}}}}}'
kubectl rollout status deployment/database -n library
cat > archive.yaml <<'YAML'
spec:
  template:
    spec:
      affinity:
        nodeAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            nodeSelectorTerms:
            - matchExpressions:
              - key: disktype
                operator: NotIn
                values: [ssd]
YAML
kubectl patch deployment archive -n library --patch-file archive.yaml
kubectl rollout status deployment/archive -n library

cat > search.yaml <<'YAML'
spec:
  template:
    spec:
      affinity:
        nodeAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
          - weight: 100
            preference:
              matchExpressions:
              - key: disktype
                operator: In
                values: [ssd]
YAML
kubectl patch deployment search -n library --patch-file search.yaml
kubectl rollout status deployment/search -n library
kubectl delete pods -n library -l app=search
kubectl wait -n library --for=condition=Available deployment/search --timeout=120s
kubectl get pods -n library -o wide
