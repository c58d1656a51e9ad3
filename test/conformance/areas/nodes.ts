/** Clusters in which things run: rollouts, logs, exec, nodes that are drained, and what describe says of it all. */
import type { Area } from '../area.ts';

const files: Readonly<Record<string, string>> = {
  'solo.yaml': `apiVersion: v1
kind: Pod
metadata:
  name: solo
  labels: {app: solo}
spec:
  nodeName: node-1
  containers:
  - name: main
    image: busybox
    command: [sh, -c, "echo started; echo oops >&2; sleep 3600"]
  - name: side
    image: nginx:1.27
    ports: [{containerPort: 80}]
`,
  'crash.yaml': `apiVersion: v1
kind: Pod
metadata: {name: crash}
spec:
  nodeName: node-2
  terminationGracePeriodSeconds: 0
  containers:
  - {name: main, image: busybox, command: [sh, -c, "echo bye; exit 3"]}
`,
  'once.yaml': `apiVersion: v1
kind: Pod
metadata: {name: once}
spec:
  nodeName: node-1
  restartPolicy: Never
  initContainers:
  - {name: first, image: busybox, command: [echo, first]}
  containers:
  - {name: main, image: busybox, command: [echo, done]}
`,
  'badimage.yaml': `apiVersion: v1
kind: Pod
metadata: {name: badimage}
spec:
  nodeName: node-1
  containers: [{name: main, image: "no.such.registry/thing:1"}]
`,
  'toobig.yaml': `apiVersion: v1
kind: Pod
metadata: {name: toobig}
spec:
  containers: [{name: main, image: busybox, resources: {requests: {cpu: "1000"}}}]
`,
  'web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: nginx
        image: nginx:1.27
        ports: [{containerPort: 80, name: http}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  clusterIP: 10.96.50.50
  selector: {app: web}
  ports: [{port: 80, targetPort: http}]
`,
  'pdb.yaml': `apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: solo}
spec: {minAvailable: 1, selector: {matchLabels: {app: solo}}}
`,
};

const commands: readonly string[] = [
  'get nodes',
  'get nodes -o wide',
  'get node node-1 -o name',
  'get nodes -o jsonpath=\'{.items[*].status.addresses[?(@.type=="InternalIP")].address}\'',
  'get nodes --selector=node-role.kubernetes.io/control-plane',
  'get nodes --show-labels',
  'get pods',
  'get pods -n kube-system -l tier=control-plane',
  'get pods -n kube-system -l component=etcd -o wide',
  'get namespaces',
  'get all -n kube-public',
  'get svc -A',
  'get endpointslices -n default',
  'get daemonsets -n kube-system',
  'get deploy -n kube-system -o wide',
  'get cm -n kube-system',
  'get serviceaccounts',
  'get clusterroles system:node',
  'get clusterrolebindings kubeadm:get-nodes',
  'get priorityclasses',
  'get leases -n kube-node-lease',
  'get componentstatuses',
  'api-resources',
  'api-resources --namespaced=false',
  'api-resources -o wide --api-group=apps',
  'api-resources --verbs=list --sort-by=name',
  'api-versions',
  'version',
  'version -o yaml',
  'cluster-info',
  'auth whoami',
  'auth can-i create pods',
  'auth can-i delete nodes --as=bob',
  'auth can-i get pods --as=system:serviceaccount:default:default',
  'auth can-i --list --as=bob',
  'auth can-i get pods/exec --as=bob',
  'auth can-i fly pods',
  'create -f solo.yaml',
  'settle',
  'get pod solo',
  'get pod solo -o wide',
  'get pods -o wide',
  'get pods --field-selector=status.phase=Running',
  'get pods --field-selector=spec.nodeName=node-1 -o name',
  'logs solo',
  'logs solo -c main',
  'logs solo -c side --tail=1',
  'logs solo -c main --prefix --tail=2',
  'logs solo -c nope',
  'logs solo --previous',
  'logs solo -c main --previous',
  'logs solo -c main --limit-bytes=3',
  'logs -l app=solo -c main',
  'logs pod/solo -c main --since=1h',
  'exec solo -- echo hi',
  'exec solo -c main -- echo hi',
  'exec solo -c nope -- echo hi',
  'exec solo -c main -- nope',
  "exec solo -c main -- sh -c 'echo out; echo err >&2; exit 7'",
  'exec solo -c main -- cat /etc/hostname',
  'exec -q solo -- hostname',
  'exec pod/solo -c side -- ls /usr/share/nginx/html',
  'exec -f solo.yaml -c main -- echo filed',
  'exec -f solo.yaml solo -- echo filed',
  'exec -f solo.yaml -f crash.yaml -- date',
  'exec nobody -- ls',
  'exec deploy/nobody -- ls',
  'exec solo -c main ls',
  'attach nobody',
  'describe pod solo',
  'describe pods -l app=solo',
  'describe node node-1',
  'describe node node-2',
  'describe node control-plane',
  'describe namespace kube-system',
  'describe svc kubernetes',
  'describe endpointslices kubernetes',
  'get --raw /api/v1/namespaces/default/pods/nobody',
  'get --raw /readyz?verbose',
  'get --raw /livez',
  'get --raw /version',
  'create -f once.yaml',
  'create -f crash.yaml',
  'create -f badimage.yaml',
  'create -f toobig.yaml',
  'wait --for=jsonpath={.status.phase}=Succeeded pod/once --timeout=60s',
  'settle',
  'get pod once',
  'get pods once crash badimage toobig',
  'logs once',
  'logs once -c first',
  'logs crash',
  'logs crash --previous',
  'logs badimage',
  'logs toobig',
  'exec once -- ls',
  'describe pod once',
  'describe pod crash',
  'describe pod badimage',
  'describe pod toobig',
  'events --for pod/once',
  'events --for pod/crash --types=Warning',
  'get events --field-selector=involvedObject.name=once',
  'get events --field-selector=involvedObject.name=toobig -o wide',
  'delete pod crash badimage toobig --now',
  'delete pod crash --ignore-not-found',
  'delete pod once --wait=false',
  'apply -f web.yaml',
  'rollout status deployment/web',
  'settle',
  'get deploy web',
  'get deploy web -o wide',
  'get svc web -o wide',
  'get endpoints web --no-headers -o custom-columns=NAME:.metadata.name',
  'rollout history deployment/web',
  'rollout history deployment/web --revision=1',
  'set image deployment/web nginx=nginx:1.28',
  'rollout status deployment/web',
  'rollout history deployment/web',
  'annotate deployment/web kubernetes.io/change-cause=second',
  'rollout history deployment/web',
  'rollout undo deployment/web --to-revision=1',
  'rollout status deployment/web --timeout=60s',
  'rollout undo deployment/web --to-revision=9',
  'rollout history deployment/web',
  'scale deployment/web --replicas=3',
  'wait --for=condition=Available deployment/web --timeout=60s',
  'wait --for=condition=Available deployment/nobody --timeout=1s',
  'settle',
  'get deploy web',
  'scale deployment/web --replicas=0',
  'settle',
  'get deploy,rs -l app=web',
  'describe deployment web',
  'describe service web',
  'get pods -l app=web',
  'set image deployment/web nginx=no.such.registry/thing:1',
  'rollout status deployment/web --timeout=1s',
  'rollout restart deployment/web',
  'create -f pdb.yaml',
  'settle',
  'get pdb',
  'describe pdb solo',
  'cordon node-1',
  'get nodes',
  'drain node-1',
  'drain node-1 --ignore-daemonsets',
  'drain node-1 --ignore-daemonsets --force --pod-selector=app=solo --timeout=3s',
  'delete pdb solo',
  'drain node-1 --ignore-daemonsets --force --pod-selector=app=solo --dry-run=server',
  'drain node-1 --ignore-daemonsets --force --pod-selector=app=solo --grace-period=1',
  'get pods',
  'uncordon node-1',
  'uncordon node-1',
  'taint node node-2 dedicated=db:NoSchedule',
  'describe node node-2',
  'taint node node-2 dedicated-',
  'label node node-2 disk=ssd',
  'get nodes -L disk',
  'label node node-2 disk-',
  'run once-more --image=busybox --restart=Never --overrides={"spec":{"nodeName":"node-1"}} -- echo again',
  'settle',
  'logs once-more',
  'delete pod once-more',
  'delete -f web.yaml',
  'create token default --duration=10m --audience=a --dry-run=client',
  'create token default --duration=1s',
  'create token nobody',
  'create namespace shop',
  'create quota small --hard=pods=1 -n shop',
  'delete namespace shop',
  'get ns',
  'top nodes',
  'top pods',
];

export const nodes: Area = { name: 'nodes', cluster: 'nodes', files, commands };
