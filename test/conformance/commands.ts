/** What the real kubectl and ours are both asked to do, in this order, and the manifests that they find in their working directory. */
export const files: Readonly<Record<string, string>> = {
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
  'settings.conf': 'color=blue\nsize=3\n',
  'patch.yaml': 'spec:\n  replicas: 4\n',
};

/** A word with blanks or quotes stands in single quotes. */
export const commands: readonly string[] = [
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
  'create configmap app --from-literal=mode=dev --from-file=settings.conf',
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
  'expose deployment web --port=80 --target-port=8080 --name=web-2',
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
  'get pods --as=bob',
  'get nodes --as=bob',
  'events',
  'wait --for=condition=Available deployment/web --timeout=0s',
  'wait --for=delete pod/nobody',
  'wait --for=bogus pod/solo',
  "wait --for=jsonpath='{.spec.replicas}'=4 deployment/web",
  'taint nodes node-1 a=b:NoSchedule',
  'cordon node-1',
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
  'drain node-1',
  'top pods',
  'explain pods',
  'explain deployment.spec.strategy',
  'explain pods.spec.bogus',
];
