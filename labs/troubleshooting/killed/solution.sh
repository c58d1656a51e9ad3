kubectl get pods -n studio
kubectl describe pods -n studio -l app=darkroom | grep -A5 'Last State'
kubectl set resources deployment/darkroom -n studio --limits=memory=192Mi --requests=memory=128Mi

kubectl describe deployment album -n studio | grep notes
kubectl set image deployment/album -n studio album=registry.example/album:2.2

kubectl describe pods -n studio -l app=catalogue | grep -A8 Events
kubectl logs -n studio deployment/catalogue
kubectl patch deployment catalogue -n studio -p '{"spec":{"template":{"spec":{"containers":[{"name":"catalogue","startupProbe":{"httpGet":{"path":"/healthz","port":8080},"periodSeconds":5,"failureThreshold":24}}]}}}}'
kubectl rollout status deployment/catalogue -n studio --timeout=120s
