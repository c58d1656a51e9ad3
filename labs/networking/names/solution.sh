kubectl get pods,services -n orchestra
kubectl describe pods -n orchestra -l app=violin | tail -3
kubectl set env -n orchestra deployment/violin SCORE=http://scores.library

kubectl exec -n orchestra deploy/cello -- cat /etc/resolv.conf
kubectl patch deployment -n orchestra cello -p '{"spec":{"template":{"spec":{"dnsPolicy":"ClusterFirst"}}}}'

kubectl apply -f - <<'YAML'
apiVersion: v1
kind: Service
metadata:
  name: players
  namespace: orchestra
spec:
  clusterIP: None
  selector: { app: players }
  ports:
  - port: 8080
YAML

kubectl get configmap -n kube-system coredns -o yaml | sed 's/^        ready$/        ready\n        rewrite name archive.example.org archive.library.svc.cluster.local/' | kubectl replace -f -
sleep 120
kubectl get pods -n orchestra
