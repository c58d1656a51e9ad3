# StatefulSets, Jobs and CronJobs as a learner meets them, and what cannot be.
kubectl create -f - <<'X'
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {clusterIP: None, selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  serviceName: web
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: nginx, image: "registry.k8s.io/nginx-slim:0.24", volumeMounts: [{name: www, mountPath: /usr/share/nginx/html}]}
  volumeClaimTemplates:
  - metadata: {name: www}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
X
kubectl rollout status sts/web | tail -1
kubectl get pods,pvc -o name
kubectl exec web-1 -- sh -c 'hostname > /usr/share/nginx/html/index.html'
kubectl delete pod web-1
kubectl rollout status sts/web | tail -1
kubectl exec web-0 -- curl -s http://web-1.web
kubectl scale sts web --replicas=1
kubectl wait --for=delete pod/web-1
kubectl get pvc -o name
kubectl create -f - <<'X'
apiVersion: batch/v1
kind: Job
metadata: {name: colours}
spec:
  completions: 3
  parallelism: 2
  completionMode: Indexed
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: main
        image: bash:5
        command: [bash, -c, 'all=(red green blue); echo ${all[$JOB_COMPLETION_INDEX]}']
---
apiVersion: batch/v1
kind: Job
metadata: {name: fails}
spec:
  backoffLimit: 1
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: busybox, command: [sh, -c, 'echo no; exit 3']}]
X
kubectl wait --for=condition=complete job/colours
kubectl logs -l job-name=colours
kubectl wait --for=condition=failed job/fails
kubectl get job fails -o jsonpath='{.status.conditions[-1:].reason} {.status.failed}{"\n"}'
kubectl create job pi --image=perl:5.34.0 -- perl -Mbignum=bpi -wle 'print bpi(50)'
kubectl wait --for=condition=complete job/pi
kubectl logs job/pi
kubectl create cronjob tick --image=busybox --schedule='*/2 * * * *' -- echo tick
sleep 125
kubectl get cronjob tick --no-headers -o custom-columns=S:.spec.schedule,A:.status.active
kubectl logs -l batch.kubernetes.io/job-name --tail=1 | tail -1
kubectl delete cronjob tick
# A Job that would never end, a line that cannot be read, and one that never comes.
kubectl create -f - <<'X'
apiVersion: batch/v1
kind: Job
metadata: {name: always}
spec: {template: {spec: {restartPolicy: Always, containers: [{name: main, image: busybox}]}}}
X
kubectl create cronjob bad --image=busybox --schedule='60 * * * *' -- date
kubectl create cronjob never --image=busybox --schedule='0 0 31 2 *' -- date
kubectl get events --field-selector involvedObject.name=never -o custom-columns=REASON:.reason,MESSAGE:.message
sleep 1000
kubectl get cronjob never -o jsonpath='{.status}{"\n"}'
