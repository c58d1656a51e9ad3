/** Installs the kinds and the controller: standard-install.yaml of the Gateway API, and the shape of NGINX Gateway Fabric's deploy/default. */
import { toYaml } from '../../machinery/yaml.ts';
import { crds } from './crds.ts';

const labels = { 'app.kubernetes.io/instance': 'nginx-gateway', 'app.kubernetes.io/name': 'nginx-gateway' };
const version = '1.6.2';
const metadata = (name: string, isNamespaced = true): object => ({
  labels: { ...labels, 'app.kubernetes.io/version': version },
  name,
  ...(isNamespaced && { namespace: 'nginx-gateway' }),
});

const controllerName = 'gateway.nginx.org/nginx-gateway-controller';
const watch = ['get', 'list', 'watch'];

const objects: readonly object[] = [
  ...crds,
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'nginx-gateway' } },
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata('nginx-gateway') },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: metadata('nginx-gateway', false),
    rules: [
      { apiGroups: [''], resources: ['namespaces', 'services', 'secrets'], verbs: watch },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      {
        apiGroups: ['gateway.networking.k8s.io'],
        resources: ['gatewayclasses', 'gateways', 'httproutes', 'grpcroutes', 'referencegrants'],
        verbs: ['list', 'watch'],
      },
      {
        apiGroups: ['gateway.networking.k8s.io'],
        resources: ['httproutes/status', 'grpcroutes/status', 'gateways/status', 'gatewayclasses/status'],
        verbs: ['update'],
      },
    ],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: metadata('nginx-gateway', false),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'nginx-gateway' },
    subjects: [{ kind: 'ServiceAccount', name: 'nginx-gateway', namespace: 'nginx-gateway' }],
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata('nginx-gateway'),
    spec: {
      externalTrafficPolicy: 'Local',
      ports: [
        { name: 'http', port: 80, protocol: 'TCP', targetPort: 80 },
        { name: 'https', port: 443, protocol: 'TCP', targetPort: 443 },
      ],
      selector: labels,
      type: 'LoadBalancer',
    },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata('nginx-gateway'),
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              args: ['static-mode', `--gateway-ctlr-name=${controllerName}`, '--gatewayclass=nginx', '--service=nginx-gateway'],
              env: [{ name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } }],
              image: `ghcr.io/nginx/nginx-gateway-fabric:${version}`,
              imagePullPolicy: 'IfNotPresent',
              name: 'nginx-gateway',
              ports: [
                { containerPort: 80, name: 'http' },
                { containerPort: 443, name: 'https' },
                { containerPort: 8081, name: 'health' },
              ],
              readinessProbe: { httpGet: { path: '/readyz', port: 'health' }, initialDelaySeconds: 3, periodSeconds: 1 },
            },
          ],
          serviceAccountName: 'nginx-gateway',
          terminationGracePeriodSeconds: 30,
        },
      },
    },
  },
  { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'GatewayClass', metadata: metadata('nginx', false), spec: { controllerName } },
];

let text: string | undefined;

/** The manifest, made when somebody first asks: it is long. */
export const manifest = (): string => (text ??= objects.map((object) => toYaml(object)).join('---\n'));
