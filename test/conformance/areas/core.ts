/** The verbs and their mistakes, on a control plane without nodes: what is stored is all there is, and nothing changes it by itself. */
import type { Area } from '../area.ts';

const files: Readonly<Record<string, string>> = {
  'web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: 2
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: nginx
        image: nginx:1.27
        ports:
        - containerPort: 80
        readinessProbe:
          httpGet:
            path: /
            port: 80
        env:
        - name: MODE
          value: dev
        resources:
          requests:
            cpu: 100m
            memory: 64Mi
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
  - port: 80
`,
  'web-2.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
    tier: front
spec:
  replicas: 3
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: nginx
        image: nginx:1.28
        ports:
        - containerPort: 80
`,
  'pod.yaml':
    'apiVersion: v1\nkind: Pod\nmetadata:\n  name: solo\n  labels: {app: solo}\nspec:\n  containers:\n  - {name: main, image: busybox, command: [sleep, "3600"]}\n',
  'typo.yaml': 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: typo\nspec:\n  containers:\n  - name: main\n    imagee: busybox\n',
  'broken.yaml': 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n b: c\n',
  'bad-name.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: Not_Valid\n',
  'nokind.yaml': 'apiVersion: v1\nmetadata:\n  name: x\n',
  'node.yaml': `apiVersion: v1
kind: Node
metadata:
  name: node-1
  labels: {node-role.kubernetes.io/worker: "", kubernetes.io/hostname: node-1}
  annotations: {a.example.com/x: "1"}
spec:
  podCIDR: 10.244.1.0/24
  podCIDRs: [10.244.1.0/24]
  taints:
  - {key: dedicated, value: db, effect: NoSchedule}
  - {key: other, effect: NoExecute}
`,
  'node-status.yaml': `status:
  capacity: {cpu: "4", memory: 8Gi, pods: "110"}
  allocatable: {cpu: "4", memory: 8Gi, pods: "110", example.com/gpu: "2"}
  addresses: [{type: InternalIP, address: 172.18.0.3}, {type: Hostname, address: node-1}]
  conditions:
  - {type: Ready, status: "True", lastHeartbeatTime: "2025-09-01T00:00:00Z", lastTransitionTime: "2025-09-01T00:00:00Z", reason: KubeletReady, message: kubelet is posting ready status}
  nodeInfo: {machineID: m, systemUUID: s, bootID: b, kernelVersion: 6.1.0, osImage: Debian, containerRuntimeVersion: containerd://2.1.4, kubeletVersion: v1.34.1, kubeProxyVersion: "", operatingSystem: linux, architecture: amd64, swap: null}
`,
  'rich.yaml': `apiVersion: v1
kind: Pod
metadata:
  name: rich
  labels: {app: rich, tier: back}
  annotations:
    short: value
    long: "${'x'.repeat(200)}"
    lines: "one\\ntwo\\n"
spec:
  nodeName: node-2
  nodeSelector: {disk: ssd}
  terminationGracePeriodSeconds: 5
  tolerations:
  - {key: dedicated, operator: Equal, value: db, effect: NoSchedule}
  - {operator: Exists}
  initContainers:
  - {name: init, image: busybox, command: [sh, -c, "echo one\\necho two"]}
  containers:
  - name: app
    image: nginx:1.27
    args: [serve]
    ports: [{containerPort: 80, name: http}, {containerPort: 443, hostPort: 8443}]
    resources: {limits: {cpu: 500m, memory: 1Gi, example.com/gpu: 1}, requests: {cpu: 100m, memory: 64Mi, example.com/gpu: 1}}
    livenessProbe: {exec: {command: [cat, /tmp/ok]}, initialDelaySeconds: 3}
    readinessProbe: {httpGet: {path: /ready, port: http, scheme: HTTPS}}
    startupProbe: {tcpSocket: {port: 80}, failureThreshold: 30}
    envFrom: [{configMapRef: {name: app}}, {prefix: S_, secretRef: {name: pass, optional: true}}]
    env:
    - {name: PLAIN, value: "1"}
    - {name: EMPTY}
    - {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
    - {name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
    - {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}
    - {name: KEY, valueFrom: {secretKeyRef: {name: pass, key: password}}}
    - {name: MODE, valueFrom: {configMapKeyRef: {name: app, key: mode, optional: true}}}
    volumeMounts: [{name: data, mountPath: /data}, {name: conf, mountPath: /conf, readOnly: true, subPath: a}]
  volumes:
  - {name: data, emptyDir: {medium: Memory, sizeLimit: 1Gi}}
  - {name: conf, configMap: {name: app}}
  - {name: pass, secret: {secretName: pass}}
  - {name: host, hostPath: {path: /var/log, type: Directory}}
  - {name: down, downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}}
`,
  'rich-status.yaml': `status:
  phase: Running
  podIP: 10.244.1.5
  podIPs: [{ip: 10.244.1.5}]
  hostIP: 172.18.0.3
  startTime: "2025-09-01T00:00:00Z"
  conditions: [{type: Ready, status: "True"}]
  initContainerStatuses: [{name: init, image: busybox, imageID: i, containerID: "containerd://1", ready: true, restartCount: 0, state: {terminated: {exitCode: 0, reason: Completed, startedAt: "2025-09-01T00:00:00Z", finishedAt: "2025-09-01T00:00:01Z"}}}]
  containerStatuses: [{name: app, image: nginx, imageID: i, containerID: "containerd://2", ready: true, restartCount: 2, state: {running: {startedAt: "2025-09-01T00:00:00Z"}}, lastState: {terminated: {exitCode: 137, signal: 9, reason: OOMKilled, message: gone, startedAt: "2025-09-01T00:00:00Z", finishedAt: "2025-09-01T00:00:01Z"}}}]
`,
  'more.yaml': `apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {containers: [{name: agent, image: busybox}]}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: copies}
spec:
  replicas: 2
  selector: {matchLabels: {app: copies}, matchExpressions: [{key: tier, operator: In, values: [b, a]}]}
  template:
    metadata: {labels: {app: copies, tier: a}, annotations: {note: hi}}
    spec: {serviceAccountName: robot, priorityClassName: high, containers: [{name: c, image: busybox}], topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: copies}}}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-abc, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{name: "", port: 8080, protocol: TCP}]
endpoints:
- {addresses: [10.244.1.5], conditions: {ready: true}, nodeName: node-1, targetRef: {kind: Pod, name: rich, namespace: default}}
- {addresses: [10.244.1.6], conditions: {ready: false}}
---
apiVersion: v1
kind: Endpoints
metadata: {name: old}
subsets: [{addresses: [{ip: 10.0.0.1}], notReadyAddresses: [{ip: 10.0.0.2}], ports: [{port: 80, name: http}]}]
---
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: {name: leader}
spec: {holderIdentity: me, leaseDurationSeconds: 15}
---
apiVersion: v1
kind: Event
metadata: {name: e1}
involvedObject: {apiVersion: v1, kind: Pod, name: rich, namespace: default}
reason: Testing
message: "a message "
type: Warning
count: 3
firstTimestamp: "2025-09-01T00:00:00Z"
lastTimestamp: "2025-09-01T00:01:00Z"
source: {component: tester}
`,
  'settings.conf': 'color=blue\nsize=3\n',
  'patch.yaml': 'spec:\n  replicas: 4\n',
};

const commands: readonly string[] = [
  'get namespaces',
  'get ns -o wide --no-headers',
  'get pods',
  'get pods -A',
  'get pod nobody',
  'get pods,services nobody',
  'get gadgets',
  'get',
  'get pods --bogus',
  'get pods -o bogus',
  'gett pods',
  'api-versions',
  'api-resources -o name',
  'api-resources --api-group=apps',
  'create namespace shop',
  'create deployment api --image=nginx --replicas=2 --port=8080',
  'create deployment api2 --image=nginx --dry-run=client -o yaml',
  'create deployment api4',
  'create configmap app --from-file=settings.conf',
  'create configmap two --from-literal=mode=dev --from-literal=b=c',
  'create secret generic pass --from-literal=password=s3cret',
  'create service clusterip front --tcp=80:8080',
  'create serviceaccount default',
  'create serviceaccount robot',
  'create role reader --verb=get,list --resource=pods,pods/log,deployments.apps',
  'create rolebinding reader --role=reader --serviceaccount=default:robot',
  'create clusterrole nodes --verb=get --resource=nodes --resource-name=node-1',
  'create poddisruptionbudget front --selector=app=web --min-available=1',
  'create priorityclass high --value=1000 --description=important',
  'apply -f web.yaml',
  'apply -f web.yaml',
  'diff -f web.yaml',
  'apply -f web-2.yaml --dry-run=server',
  'apply -f web-2.yaml --dry-run=client',
  'apply -f web-2.yaml',
  'apply -f typo.yaml',
  'apply -f broken.yaml',
  'apply -f bad-name.yaml',
  'apply -f nokind.yaml',
  'apply -f missing.yaml',
  'apply -f pod.yaml --server-side',
  'create -f pod.yaml',
  'get deployments',
  'get deploy -o wide',
  'get deploy,svc',
  'get all',
  'get deploy web -o yaml',
  'get svc web -o json',
  'get cm app -o yaml',
  "get deploy web -o jsonpath='{.spec.replicas} {.metadata.name}'",
  "get deploy -o jsonpath='{range .items[*]}{.metadata.name}={.spec.replicas};{end}'",
  "get deploy -o jsonpath='{.items[*].missing}'",
  'get deploy -o custom-columns=NAME:.metadata.name,REPLICAS:.spec.replicas,NO:.spec.none',
  'get deploy -o name',
  'get deploy -o go-template=\'{{range .items}}{{.metadata.name}}{{"\\n"}}{{end}}\'',
  'get deploy --sort-by=.spec.replicas',
  'get deploy -l app=web --show-labels',
  'get deploy -L app,tier',
  'get cm --field-selector=metadata.name=app',
  'get cm --field-selector=bogus=1',
  'get secret pass -o yaml',
  'get pods solo -o yaml',
  'label pod solo tier=front',
  'label pod solo tier=back',
  'label pod solo tier=back --overwrite',
  'label pod solo tier-',
  'label pod solo none-',
  'annotate pod solo note=hello',
  'annotate pod solo note=bye',
  'scale deployment web --replicas=5',
  'scale deployment web --replicas=1 --current-replicas=2',
  'set image deployment/web nginx=nginx:1.29',
  'set image deployment/web other=nginx:1.29',
  'set env deployment/web MODE=prod',
  'set env deployment/web --list',
  'set resources deployment web --limits=cpu=200m',
  'patch deployment web -p \'{"spec":{"replicas":2}}\'',
  'patch deployment web -p \'{"spec":{"replicas":2}}\'',
  'patch deployment web --patch-file=patch.yaml',
  'patch deployment web --type=json -p \'[{"op":"remove","path":"/spec/bogus"}]\'',
  'rollout pause deployment/web',
  'rollout pause deployment/web',
  'rollout resume deployment/web',
  'rollout history deployment/web',
  'rollout undo deployment/web',
  'rollout status deployment/web --watch=false',
  'expose deployment web --port=80 --target-port=8080 --name=web-2 --cluster-ip=10.96.7.7',
  'expose deployment web --port=80',
  'run box --image=busybox --restart=Never --env=A=b --dry-run=client -o yaml -- sleep 60',
  'run box --image=busybox',
  'describe deployment web',
  'describe service web',
  'describe configmap app',
  'describe secret pass',
  'describe pod solo',
  'describe role reader',
  'describe rolebinding reader',
  'describe clusterrole view',
  'describe namespace shop',
  'describe serviceaccount robot',
  'describe poddisruptionbudget front',
  'describe priorityclass high',
  'describe pod nobody',
  'create -f node.yaml',
  'patch node node-1 --subresource=status --patch-file=node-status.yaml',
  'get nodes -o wide',
  'create -f rich.yaml',
  'patch pod rich --subresource=status --patch-file=rich-status.yaml',
  'create -f more.yaml',
  'get all,endpointslices,leases,events',
  'get endpoints',
  'describe pod rich --show-events=false',
  'describe pods --show-events=false',
  'describe node node-1',
  'describe daemonset agent',
  'describe rs copies',
  'describe endpointslice web-abc',
  'describe endpoints old',
  'describe lease leader',
  'describe service web',
  'describe deploy,svc',
  'describe clusterrole system:node',
  'describe clusterrolebinding cluster-admin',
  'events --for pod/solo',
  'events --types=Bogus',
  'get events -o wide',
  'cordon node-1',
  'cordon node-1',
  'uncordon node-1',
  'taint nodes node-1 a=b:NoSchedule',
  'taint nodes node-1 a=c:NoSchedule',
  'taint nodes node-1 a=c:NoSchedule --overwrite',
  'taint nodes node-1 a-',
  'taint nodes node-1 a-',
  'taint nodes node-1 a=b:Bogus',
  'taint nodes node-1',
  'drain node-1',
  'drain node-1 --dry-run=client --force --delete-emptydir-data',
  'rollout status ds/agent --watch=false',
  'rollout history ds/agent',
  'logs rich -c nope',
  'top node',
  'get pods --as=bob',
  'get nodes --as=bob',
  'wait --for=condition=Available deployment/web --timeout=0s',
  'wait --for=delete pod/nobody',
  'wait --for=bogus pod/solo',
  "wait --for=jsonpath='{.spec.replicas}'=4 deployment/web",
  'taint nodes node-9 a=b:NoSchedule',
  'cordon node-9',
  'logs',
  'logs nobody',
  'exec solo',
  'delete configmap app',
  'delete configmap app',
  'delete configmap app --ignore-not-found',
  'delete cm --all',
  'delete -f web.yaml',
  'delete namespace',
  'delete pods -l app=none',
  'version -o bogus',
  'config current-context',
  'config get-contexts',
  'cluster-info',
  'get pods -n nowhere',
  'get deploy.apps web',
  'get deployments.v1.apps web -o name',
  'get po/solo deploy/web',
  'get po/solo deploy web',
  'get po/solo/x',
  'get deploy web -o jsonpath={.spec.',
  'get deploy web -o custom-columns=A',
  'get deploy web -o jsonpath-as-json={.spec.replicas}',
  'get --raw /healthz',
  'get --raw /nope',
  'get pods -l app=(',
  'get pod solo --ignore-not-found -o name',
  'get pod nobody --ignore-not-found',
  'get deploy --no-headers -o custom-columns=A:.metadata.name',
  'get deploy -A',
  'get all -A -l app=web',
  'label pods --all checked=yes',
  'label deploy web app.kubernetes.io/name=web --dry-run=client -o yaml',
  'label pod solo bad=value!',
  'annotate pod solo note-',
  'annotate deploy/web -o name kubernetes.io/change-cause=why',
  'rollout history deployment/web --revision=9',
  'rollout restart deployment/nobody',
  'rollout status pod/solo',
  'set image pod/solo main=busybox:1.36',
  'set image cm/app a=b',
  'scale --replicas=-1 deployment/web',
  'scale deploy nobody --replicas=1',
  'patch pod solo -p bogus',
  'patch deploy web --type=merge -p {"spec":{"replicas":7}} --dry-run=client -o jsonpath={.spec.replicas}',
  'patch deploy web',
  'replace -f web-2.yaml',
  'replace -f missing.yaml',
  'create -f web-2.yaml',
  'create -f typo.yaml --validate=ignore --dry-run=client -o name',
  'apply -f web-2.yaml --validate=bogus',
  'apply -f web-2.yaml --dry-run=bogus',
  'apply',
  'apply -f web-2.yaml -o name',
  'apply view-last-applied deployment/web -o json',
  'delete pod',
  'delete pod solo nobody',
  'delete pod --all --dry-run=client',
  'delete deploy,svc -l app=web',
  'drain node-9',
  'top pods',
  'explain pods',
  'explain deployment.spec.strategy',
  'explain pods.spec.bogus',
];

export const core: Area = { name: 'core', cluster: 'control-plane', files, commands };
