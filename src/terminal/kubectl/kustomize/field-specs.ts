/** Which fields the transformers change, as kustomize ships it. Upstream: api/internal/konfig/builtinpluginconsts. */
import type { FieldSpec } from './field-path.ts';

/** A kind whose name other objects hold, and where they hold it. */
export interface NameReference {
  readonly group?: string | undefined;
  readonly version?: string | undefined;
  readonly kind?: string | undefined;
  readonly fieldSpecs: readonly FieldSpec[];
}

export interface TransformerConfig {
  readonly namePrefix: readonly FieldSpec[];
  readonly nameSuffix: readonly FieldSpec[];
  readonly namespace: readonly FieldSpec[];
  readonly commonLabels: readonly FieldSpec[];
  readonly labels: readonly FieldSpec[];
  readonly templateLabels: readonly FieldSpec[];
  readonly commonAnnotations: readonly FieldSpec[];
  readonly nameReference: readonly NameReference[];
  readonly varReference: readonly FieldSpec[];
  readonly images: readonly FieldSpec[];
  readonly replicas: readonly FieldSpec[];
}

const created = (kind: string, path: string, more: Partial<FieldSpec> = {}): FieldSpec => ({ kind, path, create: true, ...more });

/** Kinds with a Pod template and the path of its spec. */
const podSpecs: readonly (readonly [kind: string, path: string])[] = [
  ['Pod', 'spec'],
  ['PodTemplate', 'template/spec'],
  ['Deployment', 'spec/template/spec'],
  ['ReplicaSet', 'spec/template/spec'],
  ['DaemonSet', 'spec/template/spec'],
  ['StatefulSet', 'spec/template/spec'],
  ['Job', 'spec/template/spec'],
  ['CronJob', 'spec/jobTemplate/spec/template/spec'],
];
/** The kinds in whose Pods the rest of the names is looked for; kustomize leaves ReplicaSets out here. */
const runners = [
  ...podSpecs.filter(([kind]) => !['PodTemplate', 'ReplicaSet'].includes(kind)),
  ['ReplicationController', 'spec/template/spec'],
] as const;

const inPods = (kinds: typeof podSpecs, ...fields: readonly string[]): FieldSpec[] =>
  kinds.flatMap(([kind, path]) => fields.map((field) => ({ kind, path: `${path}/${field}` })));

const inContainers = (...fields: readonly string[]): string[] =>
  fields.flatMap((field) => [`containers/${field}`, `initContainers/${field}`]);

const metadataLabels: readonly FieldSpec[] = [
  { path: 'metadata/labels', create: true },
  created('ReplicationController', 'spec/template/metadata/labels', { version: 'v1' }),
  created('Deployment', 'spec/template/metadata/labels'),
  created('ReplicaSet', 'spec/template/metadata/labels'),
  created('DaemonSet', 'spec/template/metadata/labels'),
  created('StatefulSet', 'spec/template/metadata/labels', { group: 'apps' }),
  created('StatefulSet', 'spec/volumeClaimTemplates[]/metadata/labels', { group: 'apps' }),
  created('Job', 'spec/template/metadata/labels', { group: 'batch' }),
  created('CronJob', 'spec/jobTemplate/metadata/labels', { group: 'batch' }),
  created('CronJob', 'spec/jobTemplate/spec/template/metadata/labels', { group: 'batch' }),
];

const selectorsInPods: readonly string[] = [
  'affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels',
  'affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels',
  'affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels',
  'affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels',
  'topologySpreadConstraints/labelSelector/matchLabels',
];

const commonLabels: readonly FieldSpec[] = [
  created('Service', 'spec/selector', { version: 'v1' }),
  created('ReplicationController', 'spec/selector', { version: 'v1' }),
  created('Deployment', 'spec/selector/matchLabels'),
  created('ReplicaSet', 'spec/selector/matchLabels'),
  created('DaemonSet', 'spec/selector/matchLabels'),
  created('StatefulSet', 'spec/selector/matchLabels', { group: 'apps' }),
  ...['Deployment', 'StatefulSet'].flatMap((kind) =>
    selectorsInPods.map((path) => ({ kind, group: 'apps', path: `spec/template/spec/${path}` })),
  ),
  { kind: 'Job', group: 'batch', path: 'spec/selector/matchLabels' },
  { kind: 'CronJob', group: 'batch', path: 'spec/jobTemplate/spec/selector/matchLabels' },
  { kind: 'PodDisruptionBudget', group: 'policy', path: 'spec/selector/matchLabels' },
  ...['podSelector', 'ingress/from/podSelector', 'egress/to/podSelector'].map((path) => ({
    kind: 'NetworkPolicy',
    group: 'networking.k8s.io',
    path: `spec/${path}/matchLabels`,
  })),
  ...metadataLabels,
];

const annotationsOf = (kind: string, group?: string): FieldSpec => created(kind, 'spec/template/metadata/annotations', { group });
const rbac = 'rbac.authorization.k8s.io';
const admission = 'admissionregistration.k8s.io';

const nameReference: readonly NameReference[] = [
  ...['Deployment', 'ReplicationController', 'ReplicaSet', 'StatefulSet'].map((kind) => ({
    kind,
    fieldSpecs: [{ kind: 'HorizontalPodAutoscaler', path: 'spec/scaleTargetRef/name' }],
  })),
  {
    kind: 'ConfigMap',
    version: 'v1',
    fieldSpecs: [
      ...inPods(
        podSpecs,
        'volumes/configMap/name',
        ...inContainers('env/valueFrom/configMapKeyRef/name', 'envFrom/configMapRef/name'),
        'volumes/projected/sources/configMap/name',
      ),
      { kind: 'Node', path: 'spec/configSource/configMap' },
      { kind: 'Role', path: 'rules/resourceNames' },
      { kind: 'ClusterRole', path: 'rules/resourceNames' },
      { kind: 'Ingress', path: 'metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap' },
    ],
  },
  {
    kind: 'Secret',
    version: 'v1',
    fieldSpecs: [
      ...inPods(
        podSpecs,
        'volumes/secret/secretName',
        ...inContainers('env/valueFrom/secretKeyRef/name', 'envFrom/secretRef/name'),
        'imagePullSecrets/name',
        'volumes/projected/sources/secret/name',
      ),
      { kind: 'Ingress', path: 'spec/tls/secretName' },
      ...[
        'ingress.kubernetes.io\\/auth-secret',
        'nginx.ingress.kubernetes.io\\/auth-secret',
        'nginx.ingress.kubernetes.io\\/auth-tls-secret',
      ].map((name) => ({ kind: 'Ingress', path: `metadata/annotations/${name}` })),
      { kind: 'ServiceAccount', path: 'imagePullSecrets/name' },
      ...['secretName', 'adminSecretName', 'userSecretName', 'secretRef'].map((name) => ({
        kind: 'StorageClass',
        path: `parameters/${name}`,
      })),
      { kind: 'Role', path: 'rules/resourceNames' },
      { kind: 'ClusterRole', path: 'rules/resourceNames' },
      {
        kind: 'Service',
        group: 'serving.knative.dev',
        version: 'v1',
        path: 'spec/template/spec/containers/env/valueFrom/secretKeyRef/name',
      },
      { kind: 'PersistentVolume', path: 'spec/azureFile/secretName' },
    ],
  },
  {
    kind: 'Service',
    version: 'v1',
    fieldSpecs: [
      { kind: 'StatefulSet', group: 'apps', path: 'spec/serviceName' },
      ...[
        'rules/http/paths/backend/serviceName',
        'backend/serviceName',
        'rules/http/paths/backend/service/name',
        'defaultBackend/service/name',
      ].map((path) => ({ kind: 'Ingress', path: `spec/${path}` })),
      { kind: 'APIService', group: 'apiregistration.k8s.io', path: 'spec/service/name' },
      { kind: 'ValidatingWebhookConfiguration', group: admission, path: 'webhooks/clientConfig/service' },
      { kind: 'MutatingWebhookConfiguration', group: admission, path: 'webhooks/clientConfig/service' },
    ],
  },
  { kind: 'Role', group: rbac, fieldSpecs: [{ kind: 'RoleBinding', group: rbac, path: 'roleRef/name' }] },
  {
    kind: 'ClusterRole',
    group: rbac,
    fieldSpecs: [
      { kind: 'RoleBinding', group: rbac, path: 'roleRef/name' },
      { kind: 'ClusterRoleBinding', group: rbac, path: 'roleRef/name' },
    ],
  },
  {
    kind: 'ServiceAccount',
    version: 'v1',
    fieldSpecs: [
      { kind: 'RoleBinding', group: rbac, path: 'subjects' },
      { kind: 'ClusterRoleBinding', group: rbac, path: 'subjects' },
      ...inPods(runners, 'serviceAccountName'),
    ],
  },
  { kind: 'PersistentVolumeClaim', version: 'v1', fieldSpecs: inPods(runners, 'volumes/persistentVolumeClaim/claimName') },
  {
    kind: 'PersistentVolume',
    version: 'v1',
    fieldSpecs: [
      { kind: 'PersistentVolumeClaim', path: 'spec/volumeName' },
      { kind: 'ClusterRole', path: 'rules/resourceNames' },
    ],
  },
  {
    kind: 'StorageClass',
    version: 'v1',
    group: 'storage.k8s.io',
    fieldSpecs: [
      { kind: 'PersistentVolume', path: 'spec/storageClassName' },
      { kind: 'PersistentVolumeClaim', path: 'spec/storageClassName' },
      { kind: 'StatefulSet', path: 'spec/volumeClaimTemplates/spec/storageClassName' },
    ],
  },
  { kind: 'PriorityClass', version: 'v1', group: 'scheduling.k8s.io', fieldSpecs: inPods(runners, 'priorityClassName') },
  {
    kind: 'ValidatingAdmissionPolicy',
    group: admission,
    fieldSpecs: [{ kind: 'ValidatingAdmissionPolicyBinding', group: admission, path: 'spec/policyName' }],
  },
];

const varReference: readonly FieldSpec[] = [
  ...inPods(
    podSpecs.filter(([kind]) => kind !== 'PodTemplate'),
    ...inContainers('args', 'command', 'env/value', 'volumeMounts/mountPath'),
    'volumes/nfs/server',
  ),
  { kind: 'Deployment', path: 'spec/template/metadata/annotations' },
  { kind: 'Ingress', path: 'spec/rules/host' },
  { kind: 'Ingress', path: 'spec/tls/hosts' },
  { kind: 'Ingress', path: 'spec/tls/secretName' },
  { kind: 'Service', path: 'spec/ports/port' },
  { kind: 'Service', path: 'spec/ports/targetPort' },
  { kind: 'StatefulSet', path: 'spec/volumeClaimTemplates/spec/nfs/server' },
  { kind: 'PersistentVolume', path: 'spec/nfs/server' },
  { path: 'metadata/labels' },
  { path: 'metadata/annotations' },
];

export const defaultConfig: TransformerConfig = {
  namePrefix: [{ path: 'metadata/name' }],
  nameSuffix: [{ path: 'metadata/name' }],
  namespace: [
    created('Namespace', 'metadata/name'),
    created('APIService', 'spec/service/namespace', { group: 'apiregistration.k8s.io' }),
    { kind: 'CustomResourceDefinition', group: 'apiextensions.k8s.io', path: 'spec/conversion/webhook/clientConfig/service/namespace' },
  ],
  commonLabels,
  labels: [],
  templateLabels: metadataLabels,
  commonAnnotations: [
    { path: 'metadata/annotations', create: true },
    created('ReplicationController', 'spec/template/metadata/annotations', { version: 'v1' }),
    annotationsOf('Deployment'),
    annotationsOf('ReplicaSet'),
    annotationsOf('DaemonSet'),
    annotationsOf('StatefulSet'),
    annotationsOf('Job', 'batch'),
    created('CronJob', 'spec/jobTemplate/metadata/annotations', { group: 'batch' }),
    created('CronJob', 'spec/jobTemplate/spec/template/metadata/annotations', { group: 'batch' }),
  ],
  nameReference,
  varReference,
  images: [
    'spec/containers[]/image',
    'spec/initContainers[]/image',
    'spec/template/spec/containers[]/image',
    'spec/template/spec/initContainers[]/image',
  ].map((path) => ({ path })),
  // In the order in which an error names them.
  replicas: ['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController'].map((kind) => created(kind, 'spec/replicas')),
};
