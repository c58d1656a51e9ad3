/** Installs the controller: the shape of deploy/static/provider/cloud/deploy.yaml of ingress-nginx, without its admission webhook. */
const labels = (component = 'controller', indent = 4): string =>
  [
    ...(component === '' ? [] : [`app.kubernetes.io/component: ${component}`]),
    'app.kubernetes.io/instance: ingress-nginx',
    'app.kubernetes.io/name: ingress-nginx',
    'app.kubernetes.io/part-of: ingress-nginx',
    'app.kubernetes.io/version: 1.13.3',
  ]
    .map((line) => ' '.repeat(indent) + line)
    .join('\n');

const selector = (indent: number): string =>
  ['app.kubernetes.io/component: controller', 'app.kubernetes.io/instance: ingress-nginx', 'app.kubernetes.io/name: ingress-nginx']
    .map((line) => ' '.repeat(indent) + line)
    .join('\n');

const binding = (kind: 'Role' | 'ClusterRole'): string => `apiVersion: rbac.authorization.k8s.io/v1
kind: ${kind}Binding
metadata:
  labels:
${labels('')}
  name: ingress-nginx
${kind === 'Role' ? '  namespace: ingress-nginx\n' : ''}roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ${kind}
  name: ingress-nginx
subjects:
- kind: ServiceAccount
  name: ingress-nginx
  namespace: ingress-nginx
`;

const documents: readonly string[] = [
  `apiVersion: v1
kind: Namespace
metadata:
  labels:
    app.kubernetes.io/instance: ingress-nginx
    app.kubernetes.io/name: ingress-nginx
  name: ingress-nginx
`,
  `apiVersion: v1
automountServiceAccountToken: true
kind: ServiceAccount
metadata:
  labels:
${labels()}
  name: ingress-nginx
  namespace: ingress-nginx
`,
  `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  labels:
${labels()}
  name: ingress-nginx
  namespace: ingress-nginx
rules:
- {apiGroups: [""], resources: [namespaces], verbs: [get]}
- {apiGroups: [""], resources: [configmaps, pods, secrets, endpoints], verbs: [get, list, watch]}
- {apiGroups: [""], resources: [services], verbs: [get, list, watch]}
- {apiGroups: [networking.k8s.io], resources: [ingresses], verbs: [get, list, watch]}
- {apiGroups: [networking.k8s.io], resources: [ingresses/status], verbs: [update]}
- {apiGroups: [networking.k8s.io], resources: [ingressclasses], verbs: [get, list, watch]}
- {apiGroups: [coordination.k8s.io], resourceNames: [ingress-nginx-leader], resources: [leases], verbs: [get, update]}
- {apiGroups: [coordination.k8s.io], resources: [leases], verbs: [create]}
- {apiGroups: [""], resources: [events], verbs: [create, patch]}
- {apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: [list, watch, get]}
`,
  `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  labels:
${labels('')}
  name: ingress-nginx
rules:
- {apiGroups: [""], resources: [configmaps, endpoints, nodes, pods, secrets, namespaces], verbs: [list, watch]}
- {apiGroups: [coordination.k8s.io], resources: [leases], verbs: [list, watch]}
- {apiGroups: [""], resources: [nodes], verbs: [get]}
- {apiGroups: [""], resources: [services], verbs: [get, list, watch]}
- {apiGroups: [networking.k8s.io], resources: [ingresses], verbs: [get, list, watch]}
- {apiGroups: [""], resources: [events], verbs: [create, patch]}
- {apiGroups: [networking.k8s.io], resources: [ingresses/status], verbs: [update]}
- {apiGroups: [networking.k8s.io], resources: [ingressclasses], verbs: [get, list, watch]}
- {apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: [list, watch, get]}
`,
  binding('Role'),
  binding('ClusterRole'),
  `apiVersion: v1
data: null
kind: ConfigMap
metadata:
  labels:
${labels()}
  name: ingress-nginx-controller
  namespace: ingress-nginx
`,
  `apiVersion: v1
kind: Service
metadata:
  labels:
${labels()}
  name: ingress-nginx-controller
  namespace: ingress-nginx
spec:
  externalTrafficPolicy: Local
  ipFamilies:
  - IPv4
  ipFamilyPolicy: SingleStack
  ports:
  - {appProtocol: http, name: http, port: 80, protocol: TCP, targetPort: http}
  - {appProtocol: https, name: https, port: 443, protocol: TCP, targetPort: https}
  selector:
${selector(4)}
  type: LoadBalancer
`,
  `apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
${labels()}
  name: ingress-nginx-controller
  namespace: ingress-nginx
spec:
  minReadySeconds: 0
  revisionHistoryLimit: 10
  selector:
    matchLabels:
${selector(6)}
  strategy:
    rollingUpdate:
      maxUnavailable: 1
    type: RollingUpdate
  template:
    metadata:
      labels:
${labels('controller', 8)}
    spec:
      automountServiceAccountToken: true
      containers:
      - args:
        - /nginx-ingress-controller
        - --publish-service=$(POD_NAMESPACE)/ingress-nginx-controller
        - --election-id=ingress-nginx-leader
        - --controller-class=k8s.io/ingress-nginx
        - --ingress-class=nginx
        - --configmap=$(POD_NAMESPACE)/ingress-nginx-controller
        env:
        - {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
        - {name: POD_NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
        image: registry.k8s.io/ingress-nginx/controller:v1.13.3
        imagePullPolicy: IfNotPresent
        lifecycle:
          preStop:
            exec:
              command:
              - /wait-shutdown
        livenessProbe:
          failureThreshold: 5
          httpGet: {path: /healthz, port: 10254, scheme: HTTP}
          initialDelaySeconds: 10
          periodSeconds: 10
          successThreshold: 1
          timeoutSeconds: 1
        name: controller
        ports:
        - {containerPort: 80, name: http, protocol: TCP}
        - {containerPort: 443, name: https, protocol: TCP}
        readinessProbe:
          failureThreshold: 3
          httpGet: {path: /healthz, port: 10254, scheme: HTTP}
          initialDelaySeconds: 10
          periodSeconds: 10
          successThreshold: 1
          timeoutSeconds: 1
        resources:
          requests: {cpu: 100m, memory: 90Mi}
        securityContext:
          allowPrivilegeEscalation: false
          capabilities: {add: [NET_BIND_SERVICE], drop: [ALL]}
          readOnlyRootFilesystem: false
          runAsGroup: 82
          runAsNonRoot: true
          runAsUser: 101
          seccompProfile: {type: RuntimeDefault}
      dnsPolicy: ClusterFirst
      nodeSelector:
        kubernetes.io/os: linux
      serviceAccountName: ingress-nginx
      terminationGracePeriodSeconds: 300
`,
  `apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata:
  labels:
${labels()}
  name: nginx
spec:
  controller: k8s.io/ingress-nginx
`,
];

export const manifest = documents.join('---\n');
