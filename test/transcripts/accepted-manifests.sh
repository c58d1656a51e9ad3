cat > shop.yaml <<X
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {greeting: hello}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
      - name: web
        image: nginx:1.29
        env: [{name: GREETING, valueFrom: {configMapKeyRef: {name: settings, key: greeting}}}]
        resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 128Mi}}
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template: {metadata: {labels: {app: agent}}, spec: {containers: [{name: a, image: busybox, args: [sleep, infinity]}]}}
---
apiVersion: v1
kind: Pod
metadata: {name: picky}
spec: {nodeSelector: {disk: fast}, containers: [{name: a, image: nginx}]}
---
apiVersion: v1
kind: Pod
metadata: {name: elsewhere}
spec: {schedulerName: mine, containers: [{name: a, image: nginx}]}
---
apiVersion: v1
kind: Pod
metadata: {name: user}
spec:
  securityContext: {runAsUser: 1000, runAsGroup: 3000, fsGroup: 2000}
  containers: [{name: a, image: busybox, args: [sleep, infinity], securityContext: {readOnlyRootFilesystem: true}}]
X
kubectl apply -f shop.yaml
kubectl rollout status deploy/shop >/dev/null; kubectl rollout status ds/agent >/dev/null
kubectl get pods -l app=shop -o custom-columns=IMAGE:.spec.containers[0].image,QOS:.status.qosClass,PHASE:.status.phase
kubectl get pods -l app=agent -o jsonpath='{range .items[*]}{.spec.nodeName}{"\n"}{end}' | sort
kubectl exec deploy/shop -- sh -c 'echo $GREETING'
kubectl get pods picky elsewhere -o custom-columns=NAME:.metadata.name,NODE:.spec.nodeName,PHASE:.status.phase
kubectl get events --field-selector reason=FailedScheduling -o custom-columns=POD:.involvedObject.name,WHY:.message
kubectl label node node-2 disk=fast
kubectl wait --for=condition=Ready pod/picky
kubectl get pod picky -o jsonpath='{.spec.nodeName}{"\n"}'
kubectl exec user -- id
kubectl exec user -- whoami
kubectl exec user -- touch /here
kubectl apply -f shop.yaml
kubectl diff -f shop.yaml; echo $?
kubectl delete -f shop.yaml
