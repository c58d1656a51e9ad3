import { describe, expect, test } from 'vitest';
import { createErrors, finished, strategyContext, row, updateErrors } from '../testing.ts';
import { pods } from './pod.ts';
import { podWarnings } from './pod-spec/warnings.ts';

const container = { name: 'web', image: 'nginx:1.27' };
const pod = (spec: object = {}): object => ({ spec: { containers: [container], ...spec } });
const web = (fields: object): object => pod({ containers: [{ ...container, ...fields }] });

const appArmor = 'container.apparmor.security.beta.kubernetes.io/';

function check(body: object, want: readonly string[]): void {
  expect(createErrors(pods, body)).toEqual(want);
}

const labelRule =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

describe('validation of Pods', () => {
  test.each([
    { name: 'a good Pod', body: pod(), want: [] },
    { name: 'no containers', body: pod({ containers: [] }), want: ['spec.containers: Required value'] },
    { name: 'no image', body: pod({ containers: [{ name: 'web' }] }), want: ['spec.containers[0].image: Required value'] },
    {
      name: 'space around an image',
      body: web({ image: ' nginx' }),
      want: ['spec.containers[0].image: Invalid value: " nginx": must not have leading or trailing whitespace'],
    },
    { name: 'a bad name', body: web({ name: 'Web_1' }), want: [`spec.containers[0].name: Invalid value: "Web_1": ${labelRule}`] },
    {
      name: 'two of one name',
      body: pod({ containers: [container, container] }),
      want: ['spec.containers[1].name: Duplicate value: "web"'],
    },
    {
      name: 'an unknown restart policy',
      body: pod({ restartPolicy: 'Sometimes' }),
      want: ['spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"'],
    },
    {
      name: 'a mount without a volume',
      body: web({ volumeMounts: [{ name: 'data', mountPath: '/data' }] }),
      want: ['spec.containers[0].volumeMounts[0].name: Not found: "data"'],
    },
    {
      name: 'a request above its limit',
      body: web({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }),
      want: ['spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1'],
    },
    {
      name: 'a resource nobody knows',
      body: web({ resources: { requests: { gpu: '1' } } }),
      want: [
        'spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified',
        'spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource for containers',
      ],
    },
    {
      name: 'a port too high',
      body: web({ ports: [{ containerPort: 70000 }] }),
      want: ['spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive'],
    },
    {
      name: 'a probe that probes nothing',
      body: web({ livenessProbe: {} }),
      want: ['spec.containers[0].livenessProbe: Required value: must specify a handler type'],
    },
    {
      name: 'two ways to probe',
      body: web({ readinessProbe: { exec: { command: ['true'] }, tcpSocket: { port: 80 } } }),
      want: ['spec.containers[0].readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type'],
    },
    {
      name: 'a liveness probe that must succeed twice',
      body: web({ livenessProbe: { tcpSocket: { port: 80 }, successThreshold: 2 } }),
      want: ['spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1'],
    },
    {
      name: 'a probe of an init container',
      body: pod({ initContainers: [{ name: 'init', image: 'busybox', readinessProbe: { tcpSocket: { port: 1 } } }] }),
      want: ['spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always'],
    },
    {
      name: 'two kinds of volume in one',
      body: pod({ volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/x' } }] }),
      want: ['spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type'],
    },
    {
      name: 'a toleration without a key',
      body: pod({ tolerations: [{ operator: 'Equal', value: 'x' }] }),
      want: [
        'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ],
    },
    {
      name: 'seconds of a toleration that does not evict',
      body: pod({ tolerations: [{ key: 'k', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 3 }] }),
      want: ['spec.tolerations[0].effect: Invalid value: "NoSchedule": effect must be \'NoExecute\' when `tolerationSeconds` is set'],
    },
    {
      name: 'a field that the downward API does not know',
      body: web({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.color' } } }] }),
      want: [
        'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.color": error converting fieldPath: field label not supported: spec.color',
      ],
    },
    {
      name: 'a port of the node twice',
      body: pod({
        containers: [
          { ...container, ports: [{ containerPort: 80, hostPort: 80 }] },
          { name: 'b', image: 'b', ports: [{ containerPort: 81, hostPort: 80 }] },
        ],
      }),
      want: ['spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//80"'],
    },
    {
      name: 'no DNS servers with policy None',
      body: pod({ dnsPolicy: 'None' }),
      want: ['spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None'],
    },
    {
      name: 'an ephemeral container from the start',
      body: pod({ ephemeralContainers: [{ name: 'debug', image: 'busybox' }] }),
      want: ['spec.ephemeralContainers: Forbidden: cannot be set on create'],
    },
    {
      name: 'profiles without their names',
      body: pod({ securityContext: { seccompProfile: { type: 'Localhost' }, appArmorProfile: { type: 'Localhost' } } }),
      want: [
        'spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost',
        'spec.securityContext.appArmorProfile.localhostProfile: Required value: must be set when AppArmor type is Localhost',
      ],
    },
    {
      name: 'profiles of an unknown type, and outside their folder',
      body: web({
        securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: '../x' }, appArmorProfile: { type: 'Strict' } },
      }),
      want: [
        'spec.containers[0].securityContext.seccompProfile.localhostProfile: Invalid value: "../x": must not contain \'..\'',
        'spec.containers[0].securityContext.appArmorProfile.type: Unsupported value: "Strict": supported values: "Localhost", "RuntimeDefault", "Unconfined"',
      ],
    },
    {
      name: 'annotations for AppArmor that no container and no field bear out',
      body: {
        metadata: { annotations: { [`${appArmor}web`]: 'runtime/default', [`${appArmor}db`]: 'strict' } },
        ...web({ securityContext: { appArmorProfile: { type: 'Unconfined' } } }),
      },
      want: [
        'spec.containers[0].securityContext.appArmorProfile.type: Forbidden: apparmor type in annotation and field must match',
        `metadata.annotations[${appArmor}db]: Invalid value: "db": container not found`,
        `metadata.annotations[${appArmor}db]: Invalid value: "strict": invalid AppArmor profile name: "strict"`,
      ],
    },
    {
      name: 'a projection of two kinds, and a file twice',
      body: pod({
        volumes: [
          {
            name: 'v',
            projected: {
              sources: [
                { secret: { name: 's', items: [{ key: 'a', path: 'f' }] }, configMap: { name: 'c' } },
                { downwardAPI: { items: [{ path: 'f', fieldRef: { fieldPath: 'metadata.name' } }] } },
              ],
            },
          },
        ],
      }),
      want: [
        'spec.volumes[0].projected.sources[0]: Forbidden: may not specify more than 1 volume type per source',
        'spec.volumes[0].projected: Invalid value: "f": conflicting duplicate paths',
      ],
    },
  ])('$name', ({ body, want }) => check(body, want));
});

const allowed =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

describe('updates of Pods', () => {
  const toleration = { key: 'a', operator: 'Exists' };
  test.each([
    { name: 'a new image', from: pod(), to: web({ image: 'nginx:1.28' }), want: [] },
    {
      name: 'a new toleration',
      from: pod({ tolerations: [toleration] }),
      to: pod({ tolerations: [toleration, { key: 'b', operator: 'Exists' }] }),
      want: [],
    },
    {
      name: 'a toleration less',
      from: pod({ tolerations: [toleration] }),
      to: pod(),
      want: ['spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds'],
    },
    {
      name: 'a container more',
      from: pod(),
      to: pod({ containers: [container, { name: 'b', image: 'b' }] }),
      want: ['spec.containers: Forbidden: pod updates may not add or remove containers'],
    },
    {
      name: 'another host name',
      from: pod({ hostname: 'a' }),
      to: pod({ hostname: 'b' }),
      want: [`spec: Forbidden: ${allowed}\n  core.PodSpec{\n- \tHostname: "a",\n+ \tHostname: "b",\n  \t... // 7 identical fields\n  }\n`],
    },
    {
      name: 'more time than before',
      from: pod({ activeDeadlineSeconds: 5 }),
      to: pod({ activeDeadlineSeconds: 9 }),
      want: ['spec.activeDeadlineSeconds: Invalid value: 9: must be less than or equal to previous value'],
    },
    {
      name: 'another name',
      from: pod(),
      to: { ...pod(), metadata: { name: 'y' } },
      want: ['metadata.name: Invalid value: "y": field is immutable'],
    },
  ])('$name', ({ from, to, want }) => expect(updateErrors(pods, from, to)).toEqual(want));
});

describe('rows of Pods', () => {
  const running = {
    name: 'web',
    ready: true,
    restartCount: 0,
    image: 'i',
    imageID: 'i',
    started: true,
    state: { running: { startedAt: 't' } },
  };
  const waiting = (reason: string): object => ({
    ...running,
    ready: false,
    restartCount: 3,
    state: { waiting: { reason } },
    lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:04:00Z' } },
  });
  const exited = (fields: object): object => ({ ...running, ready: false, state: { terminated: { exitCode: 0, ...fields } } });
  test.each([
    {
      name: 'pending',
      status: { phase: 'Pending' },
      want: { Ready: '0/1', Status: 'Pending', Restarts: '0', Age: '5m', IP: '<none>', Node: '<none>' },
    },
    {
      name: 'running',
      status: { phase: 'Running', containerStatuses: [running], podIPs: [{ ip: '10.244.1.2' }] },
      want: { Ready: '1/1', Status: 'Running', IP: '10.244.1.2' },
    },
    {
      name: 'crashing',
      status: { phase: 'Running', containerStatuses: [waiting('CrashLoopBackOff')] },
      want: { Ready: '0/1', Status: 'CrashLoopBackOff', Restarts: '3 (60s ago)' },
    },
    {
      name: 'done',
      status: { phase: 'Succeeded', containerStatuses: [exited({ reason: 'Completed' })] },
      want: { Ready: '0/1', Status: 'Completed' },
    },
    {
      name: 'killed',
      status: { phase: 'Failed', containerStatuses: [exited({ exitCode: 137, signal: 9 })] },
      want: { Status: 'Signal:9' },
    },
    { name: 'evicted', status: { phase: 'Failed', reason: 'Evicted' }, want: { Status: 'Evicted' } },
    {
      name: 'gated',
      status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] },
      want: { Status: 'SchedulingGated' },
    },
  ])('$name', ({ status, want }) => expect(row(pods, { ...pod(), status })).toMatchObject(want));

  test('init containers come first', () => {
    const spec = {
      containers: [container],
      initContainers: [
        { name: 'a', image: 'a' },
        { name: 'b', image: 'b' },
      ],
    };
    const init = {
      phase: 'Pending',
      initContainerStatuses: [
        { ...exited({}), name: 'a' },
        { ...running, name: 'b', ready: false },
      ],
    };
    expect(row(pods, { spec, status: init })).toMatchObject({ Ready: '0/1', Status: 'Init:1/2' });
    const failed = { phase: 'Pending', initContainerStatuses: [{ ...waiting('ImagePullBackOff'), name: 'a' }] };
    expect(row(pods, { spec, status: failed })).toMatchObject({ Status: 'Init:ImagePullBackOff' });
  });

  test('a Pod that goes', () => {
    const metadata = { deletionTimestamp: '2026-01-01T00:04:30Z' };
    expect(row(pods, { metadata, ...pod(), status: { phase: 'Running', containerStatuses: [running] } })).toMatchObject({
      Ready: '1/1',
      Status: 'Terminating',
    });
    expect(row(pods, { metadata, ...pod(), status: { phase: 'Running', reason: 'NodeLost' } })).toMatchObject({ Status: 'Unknown' });
  });

  test('readiness gates', () => {
    const spec = { containers: [container], readinessGates: [{ conditionType: 'a' }, { conditionType: 'b' }] };
    expect(row(pods, { spec, status: { conditions: [{ type: 'a', status: 'True' }] } })).toMatchObject({
      'Readiness Gates': '1/2',
      'Nominated Node': '<none>',
    });
  });
});

describe('the strategy of Pods', () => {
  test('a new Pod is pending, and Pods of one class share that', () => {
    const [a, b] = [
      pods.prepareForCreate(finished(pods, pod()), strategyContext),
      pods.prepareForCreate(finished(pods, pod()), strategyContext),
    ];
    expect(a.status).toEqual({ phase: 'Pending', qosClass: 'BestEffort' });
    expect(a.status).toBe(b.status);
  });

  test('a status update keeps the spec, and the object when only the status differs', () => {
    const previous = finished(pods, { ...pod(), status: { phase: 'Pending', qosClass: 'BestEffort' } });
    const status = pods.subresources.status!;
    if (!('prepareForUpdate' in status)) throw new Error('status is an object subresource');
    const next = { ...previous, status: { phase: 'Running', qosClass: 'BestEffort' } };
    expect(status.prepareForUpdate(next, previous, strategyContext)).toBe(next);
    expect(status.prepareForUpdate({ ...next, spec: { ...next.spec, hostname: 'x' } }, previous, strategyContext).spec).toBe(previous.spec);
  });

  test.each([
    {
      name: 'variables that hide others',
      spec: {
        containers: [
          {
            ...container,
            env: [
              { name: 'A', value: '1' },
              { name: 'A', value: '2' },
            ],
          },
        ],
      },
      want: ['spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply'],
    },
    {
      name: 'a label of old',
      spec: { nodeSelector: { 'beta.kubernetes.io/os': 'linux' } },
      want: ['spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead'],
    },
    {
      name: 'a port twice',
      spec: { containers: [{ ...container, ports: [{ containerPort: 80 }, { containerPort: 80 }] }] },
      want: ['spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]'],
    },
    {
      name: 'fields without effect',
      spec: {
        hostIPC: true,
        volumes: [
          { name: 't', projected: { sources: [{ secret: { name: 'x' } }] } },
          { name: 'v', iscsi: { targetPortal: 's', iqn: 'q', lun: 0 } },
        ],
      },
      want: [
        'spec.hostIPC: accepted, but this emulator does not act on it',
        'spec.volumes[1].iscsi: accepted, but this emulator does not act on it',
      ],
    },
    {
      name: 'ports that may meet',
      spec: {
        containers: [
          { ...container, ports: [{ containerPort: 80, hostPort: 80, hostIP: '10.0.0.1' }] },
          {
            name: 'b',
            image: 'b',
            ports: [
              { containerPort: 80, hostPort: 80 },
              { name: 'x', containerPort: 81, hostIP: '10.0.0.1' },
            ],
          },
        ],
      },
      want: [
        'spec.containers[1].ports[0]: dangerously ambiguous port definition with spec.containers[0].ports[0]',
        'spec.containers[1].ports[1]: hostIP set without hostPort: {Name:x HostPort:0 ContainerPort:81 Protocol:TCP HostIP:10.0.0.1}',
      ],
    },
    {
      name: 'terms that match nothing',
      spec: {
        affinity: {
          podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone' }] },
          podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { topologyKey: 'zone' } }] },
        },
      },
      want: [
        'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: a null labelSelector results in matching no pod',
        'spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelector: a null labelSelector results in matching no pod',
      ],
    },
    {
      name: 'a file where a token lies',
      spec: {
        volumes: [
          {
            name: 'v',
            projected: {
              sources: [{ serviceAccountToken: { path: 'token' } }, { configMap: { name: 'c', items: [{ key: 'k', path: 'token' }] } }],
            },
          },
        ],
      },
      want: ['volume "v" (Projected): overlapping paths: "token" (ConfigMap "c") with "token" (ServiceAccountToken)'],
    },
  ])('warns of $name', ({ spec, want }) => expect(pods.warnings!(finished(pods, pod(spec)), undefined)).toEqual(want));

  test.each([
    {
      name: 'annotations that have no effect any more',
      annotations: { 'scheduler.alpha.kubernetes.io/critical-pod': '', 'seccomp.security.alpha.kubernetes.io/pod': 'runtime/default' },
      want: [
        'metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the "priorityClassName" field instead',
        'metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]: non-functional in v1.27+; use the "seccompProfile" field instead',
      ],
    },
    {
      name: 'that of a container',
      annotations: { 'container.seccomp.security.alpha.kubernetes.io/web': 'unconfined' },
      want: [
        'metadata.annotations[container.seccomp.security.alpha.kubernetes.io/web]: non-functional in v1.27+; use the "seccompProfile" field instead',
      ],
    },
    { name: 'others', annotations: { 'example.com/note': 'x' }, want: [] },
  ])('warns of $name', ({ annotations, want }) => {
    const object = finished(pods, { metadata: { annotations }, ...pod() });
    expect(pods.warnings!(object, undefined)).toEqual(want);
    expect(pods.warnings!(object, object)).toEqual([]);
  });

  test.each([
    { name: 'a name of the node', value: 'localhost/strict', want: { type: 'Localhost', localhostProfile: 'strict' }, isTold: true },
    { name: 'what the Pod has already', value: 'runtime/default', want: undefined, isTold: false },
    { name: 'no profile', value: 'strict', want: undefined, isTold: true },
  ])('an annotation for AppArmor becomes a field: $name', ({ value, want, isTold }) => {
    const warnings: string[] = [];
    const body = pod({ securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } });
    const sent = finished(pods, { metadata: { annotations: { [`${appArmor}web`]: value } }, ...body });
    const created = pods.prepareForCreate(sent, { ...strategyContext, warn: (text) => warnings.push(text) });
    expect(created.spec.containers[0]!.securityContext?.appArmorProfile).toEqual(want);
    expect(warnings).toEqual(
      isTold ? [`metadata.annotations[${appArmor}web]: deprecated since v1.30; use the "appArmorProfile" field instead`] : [],
    );
  });

  test('a template with such an annotation keeps it, and is warned of', () => {
    const template = { metadata: { annotations: { [`${appArmor}web`]: 'unconfined' } }, ...pod() } as never;
    const want = `spec.template.metadata.annotations[${appArmor}web]: deprecated since v1.30; use the "appArmorProfile" field instead`;
    expect(podWarnings(template, undefined, 'template')).toEqual([want]);
  });

  test('what a gate of v1.34 keeps off is dropped', () => {
    const sources = [{ clusterTrustBundle: { name: 'x', path: 'p' } }, { podCertificate: { signerName: 's', keyType: 'ED25519' } }];
    const created = finished(pods, pod({ volumes: [{ name: 't', projected: { sources } }] }));
    expect(created.spec.volumes![0]!.projected!.sources).toEqual([{}, {}]);
    expect(pods.validate(created)).toEqual([]);
  });
});
