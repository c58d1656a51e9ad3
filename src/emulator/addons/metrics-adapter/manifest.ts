const apiService = (version: string, group: string): string => `apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata:
  name: ${version}.${group}
spec:
  group: ${group}
  groupPriorityMinimum: 100
  insecureSkipTLSVerify: true
  service: {name: metrics-adapter, namespace: custom-metrics}
  version: ${version}
  versionPriority: 100
`;

/** The objects of the adapter, in a namespace of its own. */
export const metricsAdapterManifest = `apiVersion: v1
kind: Namespace
metadata:
  name: custom-metrics
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: metrics-adapter
  namespace: custom-metrics
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: metrics-adapter
rules:
- {apiGroups: [""], resources: [pods], verbs: [get, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: metrics-adapter
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: metrics-adapter}
subjects:
- {kind: ServiceAccount, name: metrics-adapter, namespace: custom-metrics}
---
apiVersion: v1
kind: Service
metadata:
  name: metrics-adapter
  namespace: custom-metrics
spec:
  ports:
  - {name: https, port: 443, targetPort: 6443}
  - {name: http, port: 80, targetPort: 8080}
  selector: {app: metrics-adapter}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: metrics-adapter
  namespace: custom-metrics
spec:
  selector:
    matchLabels: {app: metrics-adapter}
  template:
    metadata:
      labels: {app: metrics-adapter}
    spec:
      serviceAccountName: metrics-adapter
      containers:
      - name: metrics-adapter
        image: ghcr.io/inside-kubernetes/metrics-adapter:1.0
        ports:
        - {name: https, containerPort: 6443}
        - {name: http, containerPort: 8080}
        readinessProbe:
          httpGet: {path: /readyz, port: https, scheme: HTTPS}
---
${apiService('v1beta2', 'custom.metrics.k8s.io')}---
${apiService('v1beta1', 'external.metrics.k8s.io')}`;
