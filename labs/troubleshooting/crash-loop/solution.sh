kubectl get pods -n newsroom
kubectl logs deployment/front -n newsroom
kubectl get configmap front-site -n newsroom -o yaml | sed 's/lisen 8080/listen 8080/' | kubectl apply -f -
kubectl rollout restart deployment/front -n newsroom
kubectl rollout status deployment/front -n newsroom --timeout=120s

kubectl logs deployment/ticker -n newsroom --previous
kubectl get configmap ticker -n newsroom -o yaml
kubectl patch deployment ticker -n newsroom -p '{"spec":{"template":{"spec":{"containers":[{"name":"ticker","env":[{"name":"WIRE_URL","valueFrom":{"configMapKeyRef":{"name":"ticker","key":"wire_url"}}}]}]}}}}'
kubectl rollout status deployment/ticker -n newsroom --timeout=120s

kubectl describe pods -n newsroom -l desk=mailer | tail -5
kubectl get secrets -n newsroom
kubectl patch deployment mailer -n newsroom -p '{"spec":{"template":{"spec":{"containers":[{"name":"mailer","env":[{"name":"PASSWORD","valueFrom":{"secretKeyRef":{"name":"mail-login","key":"password"}}}]}]}}}}'
kubectl rollout status deployment/mailer -n newsroom --timeout=120s
