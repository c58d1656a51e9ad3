import { describe, expect, test } from 'vitest';
import { deployments } from '../../../../api/apps/deployment.ts';
import { namespaces } from '../../../../api/core/namespace.ts';
import { pods } from '../../../../api/core/pod.ts';
import { serviceAccounts } from '../../../../api/core/service-account.ts';
import type { Container, PodSpec } from '../../../../api/generated/types.ts';
import type { Kind } from '../../../../api/kind.ts';
import type { ApiObject } from '../../../../machinery/objects.ts';
import type { ApiRequest } from '../../request.ts';
import { serve } from '../../pipeline.ts';
import type { TestControlPlane } from '../../testing.ts';
import { createTestControlPlane } from '../../testing.ts';
import { admissionPlugins } from '../index.ts';
import { readAdmissionConfiguration } from './configuration.ts';
import { detailText, violationsOf } from './evaluate.ts';
import { podSecurityWith } from './index.ts';
import type { Level } from './policy.ts';

const latest = Number.POSITIVE_INFINITY;
const container = (more: Partial<Container> = {}): Container => ({ name: 'a', image: 'nginx', ...more });
const spec = (more: Partial<PodSpec> = {}): PodSpec => ({ containers: [container()], ...more });
const secured = (securityContext: NonNullable<Container['securityContext']>): PodSpec =>
  spec({ containers: [container({ securityContext })] });
const good: NonNullable<Container['securityContext']> = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};

function check(level: Level, pod: PodSpec, want: string, minor = latest, annotations: Record<string, string> = {}): void {
  expect(detailText(violationsOf({ level, minor }, pod, annotations))).toBe(want);
}

describe('baseline', () => {
  test.each<{ name: string; spec: PodSpec; want: string; minor?: number; annotations?: Record<string, string> }>([
    { name: 'an ordinary Pod', spec: spec(), want: '' },
    {
      name: 'the host’s namespaces',
      spec: spec({ hostPID: true, hostNetwork: true }),
      want: 'host namespaces (hostNetwork=true, hostPID=true)',
    },
    {
      name: 'host paths',
      spec: spec({ volumes: [{ name: 'v', hostPath: { path: '/' } }] }),
      want: 'hostPath volumes (volume "v")',
    },
    {
      name: 'host ports',
      spec: spec({
        containers: [
          container({
            ports: [
              { containerPort: 80, hostPort: 80 },
              { containerPort: 9, hostPort: 443 },
            ],
          }),
        ],
      }),
      want: 'hostPort (container "a" uses hostPorts 443, 80)',
    },
    {
      name: 'privilege, also of init containers, which come first',
      spec: spec({
        initContainers: [container({ name: 'i', securityContext: { privileged: true } })],
        containers: [container({ securityContext: { privileged: true } })],
      }),
      want: 'privileged (containers "i", "a" must not set securityContext.privileged=true)',
    },
    {
      name: 'capabilities',
      spec: secured({ capabilities: { add: ['SYS_TIME', 'CHOWN', 'NET_ADMIN'] } }),
      want: 'non-default capabilities (container "a" must not include "NET_ADMIN", "SYS_TIME" in securityContext.capabilities.add)',
    },
    {
      name: 'a bare /proc',
      spec: secured({ procMount: 'Unmasked' }),
      want: 'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
    },
    {
      name: 'SELinux',
      spec: spec({ securityContext: { seLinuxOptions: { type: 'spc_t', user: 'u' } } }),
      want: 'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set)',
    },
    { name: 'an SELinux type of v1.31', spec: spec({ securityContext: { seLinuxOptions: { type: 'container_engine_t' } } }), want: '' },
    {
      name: 'that type before v1.31',
      spec: spec({ securityContext: { seLinuxOptions: { type: 'container_engine_t' } } }),
      minor: 30,
      want: 'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "container_engine_t")',
    },
    {
      name: 'no seccomp',
      spec: { ...secured({ seccompProfile: { type: 'Unconfined' } }), securityContext: { seccompProfile: { type: 'Unconfined' } } },
      want: 'seccompProfile (pod and container "a" must not set securityContext.seccompProfile.type to "Unconfined")',
    },
    {
      name: 'no seccomp by annotation, long ago',
      spec: spec(),
      minor: 18,
      annotations: { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' },
      want: 'seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")',
    },
    {
      name: 'sysctls',
      spec: spec({
        securityContext: {
          sysctls: [
            { name: 'kernel.msgmax', value: '1' },
            { name: 'net.ipv4.tcp_rmem', value: '1' },
          ],
        },
      }),
      want: 'forbidden sysctls (kernel.msgmax)',
    },
    {
      name: 'AppArmor',
      spec: secured({ appArmorProfile: { type: 'Unconfined' } }),
      annotations: { 'container.apparmor.security.beta.kubernetes.io/a': 'unconfined' },
      want: 'forbidden AppArmor profiles (container "a" and annotation must not set AppArmor profile type to "Unconfined", "container.apparmor.security.beta.kubernetes.io/a="unconfined"")',
    },
    {
      name: 'host processes of Windows',
      spec: spec({ securityContext: { windowsOptions: { hostProcess: true } } }),
      want: 'hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)',
    },
    {
      name: 'probes of other hosts',
      spec: spec({ containers: [container({ livenessProbe: { httpGet: { port: 80, host: '10.0.0.1' } } })] }),
      want: 'probe or lifecycle host (container "a" uses probe or lifecycle host "10.0.0.1")',
    },
    {
      name: 'probes of other hosts before v1.34',
      spec: spec({ containers: [container({ livenessProbe: { httpGet: { port: 80, host: '10.0.0.1' } } })] }),
      minor: 33,
      want: '',
    },
  ])('$name', ({ spec: pod, want, minor, annotations }) => check('baseline', pod, want, minor, annotations));
});

describe('restricted', () => {
  const silent = [
    'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false)',
    'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"])',
    'runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true)',
    'seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
  ].join(', ');
  test.each<{ name: string; spec: PodSpec; want: string; minor?: number }>([
    { name: 'a Pod that says nothing', spec: spec(), want: silent },
    { name: 'a Pod that says all', spec: secured(good), want: '' },
    {
      name: 'a Pod that says it once for all',
      spec: {
        ...secured({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }),
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'Localhost', localhostProfile: 'p' } },
      },
      want: '',
    },
    {
      name: 'root',
      spec: { ...secured({ ...good, runAsUser: 0, runAsNonRoot: false }), securityContext: { runAsUser: 0 } },
      want: 'runAsNonRoot != true (container "a" must not set securityContext.runAsNonRoot=false), runAsUser=0 (pod and container "a" must not set runAsUser=0)',
    },
    {
      name: 'capabilities, told once',
      spec: secured({ ...good, capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE', 'SYS_ADMIN'] } }),
      want: 'unrestricted capabilities (container "a" must not include "SYS_ADMIN" in securityContext.capabilities.add)',
    },
    {
      name: 'volumes of the host, told once',
      spec: {
        ...secured(good),
        volumes: [
          { name: 'v', hostPath: { path: '/' } },
          { name: 'w', nfs: { path: '/', server: 's' } },
        ],
      },
      want: 'restricted volume types (volumes "v", "w" use restricted volume types "hostPath", "nfs")',
    },
    { name: 'Windows', spec: spec({ os: { name: 'windows' }, securityContext: { runAsNonRoot: true } }), want: '' },
    {
      name: 'a Pod that says nothing, at v1.7',
      spec: spec(),
      minor: 7,
      want: 'runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true)',
    },
  ])('$name', ({ spec: pod, want, minor }) => check('restricted', pod, want, minor));
});

function setUp(labels: Record<string, string>, plane = createTestControlPlane()) {
  const write = (
    verb: 'create' | 'update',
    kind: Kind,
    object: object,
    namespace = '',
    name = '',
  ): { warnings: string[]; stored: ApiObject } => {
    const resource = plane.server.registry.of(kind)!;
    const request: ApiRequest = {
      verb,
      resource,
      subresource: '',
      namespace,
      name,
      user: { name: 'kubernetes-admin', groups: ['system:masters'] },
      agent: 'test',
      body: { apiVersion: resource.apiVersion, kind: resource.kind, ...object },
      isTyped: true,
      isDryRun: false,
      fieldValidation: 'Ignore',
      warnings: [],
      authorizationReason: '',
    };
    const stored = plane.run(serve(plane.server, request)) as ApiObject;
    return { stored, warnings: request.warnings.filter((warning) => !warning.includes('this emulator')) };
  };
  const any = (kind: unknown): Kind => kind as Kind;
  const label = (next: Record<string, string>) => write('update', any(namespaces), { metadata: { name: 'ns', labels: next } }, '', 'ns');
  const create = (kind: unknown, object: object) => write('create', any(kind), object, 'ns');
  const made = write('create', any(namespaces), { metadata: { name: 'ns', labels } });
  create(serviceAccounts, { metadata: { name: 'default' } });
  const pod = (name: string, of: PodSpec = spec(), metadata: object = {}) => create(pods, { metadata: { name, ...metadata }, spec: of });
  return { plane, label, create, pod, made };
}

const at = (mode: string): string => `pod-security.kubernetes.io/${mode}`;
const privileged = secured({ privileged: true });
const reason = 'privileged (container "a" must not set securityContext.privileged=true)';

describe('namespaces', () => {
  test('without labels let everything in', () => {
    expect(setUp({}).pod('p', privileged).warnings).toEqual([]);
  });

  test('that enforce refuse Pods, and warn of workloads', () => {
    const { pod, create } = setUp({ [at('enforce')]: 'baseline' });
    expect(() => pod('p', privileged)).toThrow(`pods "p" is forbidden: violates PodSecurity "baseline:latest": ${reason}`);
    const template = { metadata: { labels: { a: 'b' } }, spec: privileged };
    const { warnings } = create(deployments, { metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template } });
    expect(warnings).toEqual([`would violate PodSecurity "baseline:latest": ${reason}`]);
    expect(pod('good').warnings).toEqual([]);
  });

  test('that warn let Pods in, and say of which version they speak', () => {
    const { pod } = setUp({ [at('warn')]: 'baseline', [at('warn-version')]: 'v1.30' });
    expect(pod('p', privileged).warnings).toEqual([`would violate PodSecurity "baseline:v1.30": ${reason}`]);
  });

  test('that audit leave a trace', () => {
    const { pod, plane } = setUp({ [at('audit')]: 'baseline' });
    const seen: unknown[] = [];
    plane.kernel.trace.listen((record) => void (record.type === 'decision' && seen.push([record.by, record.verdict, record.message])));
    expect(pod('p', privileged).warnings).toEqual([]);
    expect(seen).toEqual([['PodSecurity', 'audit', `would violate PodSecurity "baseline:latest": ${reason}`]]);
  });

  test('warn of what is there when they are labelled', () => {
    const { pod, label } = setUp({});
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs', uid: 'u', controller: true };
    pod('b', privileged, { ownerReferences: [owner] });
    pod('a', privileged, { ownerReferences: [owner] });
    pod('c', spec({ hostPID: true }));
    pod('d', secured(good));
    expect(label({ [at('enforce')]: 'baseline' }).warnings).toEqual([
      'existing pods in namespace "ns" violate the new PodSecurity enforce level "baseline:latest"',
      'a (and 1 other pod): privileged',
      'c: host namespaces',
    ]);
    expect(label({ [at('enforce')]: 'privileged' }).warnings).toEqual([]);
  });

  test.each([
    {
      name: 'a level that does not exist',
      labels: { [at('enforce')]: 'strict' },
      want: 'metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted',
    },
    {
      name: 'a version that does not exist',
      labels: { [at('warn-version')]: '1.30' },
      want: 'metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "1.30": must be "latest" or "v1.x"',
    },
  ])('cannot have $name', ({ labels, want }) => {
    expect(() => setUp(labels)).toThrow(want);
    expect(() => setUp({}).label(labels)).toThrow(want);
  });
});

test('a configuration file sets defaults and exemptions', () => {
  const file = `
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: PodSecurity
  configuration:
    apiVersion: pod-security.admission.config.k8s.io/v1
    kind: PodSecurityConfiguration
    defaults: { enforce: restricted, enforce-version: v1.29 }
    exemptions: { namespaces: [free], usernames: [root] }
`;
  const config = readAdmissionConfiguration(file, () => '')!;
  const admission = admissionPlugins.map((plugin) => (plugin.name === 'PodSecurity' ? podSecurityWith(config) : plugin));
  const plane: TestControlPlane = createTestControlPlane({ admission });
  const { pod } = setUp({}, plane);
  expect(() => pod('p', privileged)).toThrow('violates PodSecurity "restricted:v1.29"');
  const labels = { [at('enforce')]: 'baseline' };
  const free = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'free', labels } };
  plane.run(plane.admin.call({ verb: 'create', kind: namespaces, object: free }));
  expect(config).toMatchObject({ exemptNamespaces: ['free'], exemptUsernames: ['root'], exemptRuntimeClasses: [] });
  expect(() => readAdmissionConfiguration(file.replace('enforce: restricted', 'enforce: tight'), () => '')).toThrow('defaults.enforce');
});
