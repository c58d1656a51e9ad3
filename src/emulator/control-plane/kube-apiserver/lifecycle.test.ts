import { describe, expect, test } from 'vitest';
import { serviceAccounts } from '../../api/core/service-account.ts';
import { configMaps } from '../../api/core/config-map.ts';
import { namespaces } from '../../api/core/namespace.ts';
import { pods } from '../../api/core/pod.ts';
import { services } from '../../api/core/service.ts';
import { deployments } from '../../api/apps/deployment.ts';
import { podDisruptionBudgets } from '../../api/policy/pod-disruption-budget.ts';
import type { Pod, Service } from '../../api/generated/types.ts';
import type { Kind } from '../../api/kind.ts';
import { Random } from '../../kernel/index.ts';
import type { ApiObject } from '../../machinery/objects.ts';
import { StatusError } from '../../machinery/status-error.ts';
import { createKeyPair } from '../../machinery/x509/index.ts';
import { createTestControlPlane } from './testing.ts';

const issuer = 'https://kubernetes.default.svc.cluster.local';

function createPlane(options: { readonly serviceCIDR?: string; readonly nodePortRange?: readonly [number, number] } = {}) {
  const key = createKeyPair(new Random(5));
  const plane = createTestControlPlane({
    ...options,
    authentication: { serviceAccounts: { issuer, audiences: [issuer], publicKeys: () => [key.publicKey], signingKey: () => key } },
  });
  const call = (verb: string, kind: unknown, more: object): ApiObject | undefined =>
    plane.run(plane.admin.call({ verb, kind, ...more } as never)) as ApiObject | undefined;
  const make = <T extends ApiObject>(kind: Kind<T>, object: object): T => call('create', kind, { object }) as T;
  make(serviceAccounts as unknown as Kind, { metadata: { name: 'default', namespace: 'default' } });
  return { ...plane, call, make };
}

function failureOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof StatusError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return '';
}

const podOf = (name: string, more: object = {}): object => ({
  metadata: { name, namespace: 'default', labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image: 'nginx' }], ...more },
});
const at = (name: string) => ({ namespace: 'default', name });

describe('Pods', () => {
  test('are bound once', () => {
    const { make, call, advance } = createPlane();
    make(pods, podOf('p'));
    const bind = (node: string): unknown =>
      call('create', pods, {
        ...at('p'),
        subresource: 'binding',
        object: { metadata: { name: 'p' }, target: { kind: 'Node', name: node } },
      });
    bind('node-1');
    const { spec, status, metadata } = call('get', pods, at('p')) as Pod;
    expect([spec.nodeName, metadata.generation, status!.conditions!.map(({ type, status: value }) => `${type}=${value}`)]).toEqual([
      'node-1',
      2,
      ['PodScheduled=True'],
    ]);
    expect(failureOf(() => bind('node-2'))).toBe(
      '409: Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "node-1"',
    );
    advance(1);
  });

  test('get their grace, which can only become shorter', () => {
    const { make, call } = createPlane();
    make(pods, podOf('p', { nodeName: 'node-1' }));
    expect((call('delete', pods, at('p')) as Pod).metadata).toMatchObject({
      deletionTimestamp: '2025-09-01T00:00:30Z',
      deletionGracePeriodSeconds: 30,
    });
    expect((call('delete', pods, { ...at('p'), delete: { gracePeriodSeconds: 60 } }) as Pod).metadata.deletionGracePeriodSeconds).toBe(30);
    expect((call('delete', pods, { ...at('p'), delete: { gracePeriodSeconds: 5 } }) as Pod).metadata).toMatchObject({
      deletionTimestamp: '2025-09-01T00:00:05Z',
      deletionGracePeriodSeconds: 5,
    });
    expect(call('delete', pods, { ...at('p'), delete: { gracePeriodSeconds: 0 } })).toBeUndefined();
  });

  test('that no kubelet runs go at once', () => {
    const { make, call } = createPlane();
    make(pods, podOf('p'));
    expect(call('delete', pods, at('p'))).toBeUndefined();
  });

  test('are evicted as their budget allows', () => {
    const { make, call } = createPlane();
    const evict = (): unknown => call('create', pods, { ...at('p'), subresource: 'eviction', object: { metadata: { name: 'p' } } });
    const pod = make(pods, podOf('p', { nodeName: 'node-1' })) as Pod;
    call('update', pods, {
      subresource: 'status',
      object: { ...pod, status: { ...pod.status, phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } },
    });
    const budget = make(podDisruptionBudgets, {
      metadata: { name: 'b', namespace: 'default' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
    });
    const report = (disruptionsAllowed: number): void => {
      const current = call('get', podDisruptionBudgets, at('b'))!;
      call('update', podDisruptionBudgets, {
        subresource: 'status',
        object: {
          ...current,
          status: {
            observedGeneration: budget.metadata.generation,
            disruptionsAllowed,
            currentHealthy: 1,
            desiredHealthy: 1,
            expectedPods: 1,
          },
        },
      });
    };
    report(0);
    expect(failureOf(evict)).toBe("429: Cannot evict pod as it would violate the pod's disruption budget.");
    report(1);
    evict();
    expect((call('get', pods, at('p')) as Pod).metadata.deletionTimestamp).toBeDefined();
    expect(call('get', podDisruptionBudgets, at('b'))).toMatchObject({
      status: { disruptionsAllowed: 0, disruptedPods: { p: '2025-09-01T00:00:00Z' } },
    });
  });
});

describe('deletion', () => {
  test('waits for finalizers', () => {
    const { make, call } = createPlane();
    make(configMaps, { metadata: { name: 'a', namespace: 'default', finalizers: ['example.com/hold'] } });
    const held = call('delete', configMaps, at('a'))!;
    expect(held.metadata).toMatchObject({ deletionTimestamp: '2025-09-01T00:00:00Z', deletionGracePeriodSeconds: 0 });
    call('update', configMaps, { object: { ...held, metadata: { ...held.metadata, finalizers: [] } } });
    expect(failureOf(() => call('get', configMaps, at('a')))).toBe('404: configmaps "a" not found');
  });

  test.each([
    ['Foreground', ['foregroundDeletion']],
    ['Orphan', ['orphan']],
  ])('leaves the garbage collector a note: %s', (propagationPolicy, finalizers) => {
    const { make, call } = createPlane();
    make(configMaps, { metadata: { name: 'a', namespace: 'default' } });
    expect(call('delete', configMaps, { ...at('a'), delete: { propagationPolicy } })!.metadata.finalizers).toEqual(finalizers);
  });

  test('of a namespace ends with its finalizer', () => {
    const { make, call } = createPlane();
    make(namespaces, { metadata: { name: 'n' } });
    const going = call('delete', namespaces, { name: 'n' }) as ApiObject & { spec: object; status: { phase: string } };
    expect(going.status.phase).toBe('Terminating');
    expect(failureOf(() => make(configMaps, { metadata: { name: 'a', namespace: 'n' } }))).toBe(
      '403: configmaps "a" is forbidden: unable to create new content in namespace n because it is being terminated',
    );
    call('update', namespaces, { subresource: 'finalize', object: { ...going, spec: { finalizers: [] } } });
    expect(failureOf(() => call('get', namespaces, { name: 'n' }))).toBe('404: namespaces "n" not found');
  });

  test('heeds preconditions', () => {
    const { make, call } = createPlane();
    const { metadata } = make(configMaps, { metadata: { name: 'a', namespace: 'default' } });
    expect(failureOf(() => call('delete', configMaps, { ...at('a'), delete: { preconditions: { uid: 'other' } } }))).toBe(
      `409: Operation cannot be fulfilled on configmaps "a": StorageError: invalid object, Code: 4, Key: /registry/configmaps/default/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: other, UID in object meta: ${metadata.uid}`,
    );
  });
});

describe('Services', () => {
  const service = (name: string, spec: object): object => ({
    metadata: { name, namespace: 'default' },
    spec: { ports: [{ port: 80 }], ...spec },
  });

  test('get an address and a node port of their own', () => {
    const { make } = createPlane();
    const made = Array.from({ length: 50 }, (_, i) => make(services, service(`s${i}`, { type: 'NodePort' })) as Service);
    const [ips, ports] = [new Set(made.map(({ spec }) => spec.clusterIP)), new Set(made.map(({ spec }) => spec.ports![0]!.nodePort))];
    expect([ips.size, ports.size]).toEqual([50, 50]);
    // The lower bands are for those that ask by name.
    expect([...ips].every((ip) => Number(ip!.split('.')[2]) >= 1)).toBe(true);
    expect([...ports].every((port) => port! >= 30_086 && port! <= 32_767)).toBe(true);
    expect(made[0]!.spec).toMatchObject({ ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack', clusterIPs: [made[0]!.spec.clusterIP] });
  });

  test('until the range is full', () => {
    const { make } = createPlane({ serviceCIDR: '10.0.0.0/29' });
    // Six addresses of eight can be given out.
    for (let i = 0; i < 6; i++) make(services, service(`s${i}`, {}));
    expect(failureOf(() => make(services, service('late', {})))).toBe(
      '500: Internal error occurred: failed to allocate a serviceIP: range is full',
    );
  });

  test('until the node ports are used up', () => {
    const { make } = createPlane({ nodePortRange: [30_000, 30_001] });
    for (const name of ['a', 'b']) make(services, service(name, { type: 'NodePort' }));
    expect(failureOf(() => make(services, service('late', { type: 'NodePort' })))).toBe(
      '500: Internal error occurred: failed to allocate a nodePort: range is full',
    );
  });

  test.each([
    {
      name: 'an address that is taken',
      spec: { clusterIP: '10.96.0.10' },
      message:
        '422: Service "b" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.10"]: failed to allocate IP 10.96.0.10: provided IP is already allocated',
    },
    {
      name: 'an address outside',
      spec: { clusterIP: '10.0.0.1' },
      message:
        '422: Service "b" is invalid: spec.clusterIPs: Invalid value: ["10.0.0.1"]: failed to allocate IP 10.0.0.1: the provided network does not match the current range',
    },
    {
      name: 'a port that is taken',
      spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 30_001 }] },
      message: '422: Service "b" is invalid: spec.ports[0].nodePort: Invalid value: 30001: provided port is already allocated',
    },
    {
      name: 'a port outside',
      spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] },
      message:
        '422: Service "b" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
    },
  ])('refuses $name', ({ spec, message }) => {
    const { make } = createPlane();
    make(services, service('a', { type: 'NodePort', clusterIP: '10.96.0.10', ports: [{ port: 80, nodePort: 30_001 }] }));
    expect(failureOf(() => make(services, service('b', spec)))).toBe(message);
  });

  test('give back what they had', () => {
    const { make, call } = createPlane();
    make(services, service('a', { clusterIP: '10.96.0.10' }));
    call('delete', services, at('a'));
    expect((make(services, service('b', { clusterIP: '10.96.0.10' })) as Service).spec.clusterIP).toBe('10.96.0.10');
  });
});

describe('updates', () => {
  const deployment = {
    metadata: { name: 'd', namespace: 'default' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
    },
  };

  test('count the generation of the desired state', () => {
    const { make, call } = createPlane();
    const made = make(deployments, deployment);
    const scaled = call('update', deployments, { object: { ...made, spec: { ...made.spec, replicas: 2 } } })!;
    const labelled = call('update', deployments, { object: { ...scaled, metadata: { ...scaled.metadata, labels: { x: 'y' } } } })!;
    const reported = call('update', deployments, { subresource: 'status', object: { ...labelled, status: { observedGeneration: 2 } } })!;
    expect([made, scaled, labelled, reported].map(({ metadata }) => metadata.generation)).toEqual([1, 2, 2, 2]);
  });

  test('that change nothing write nothing', () => {
    const { make, call, etcd } = createPlane();
    const made = make(deployments, deployment);
    const before = etcd.revision;
    expect(call('update', deployments, { object: { ...made } })).toBe(made);
    expect(etcd.revision).toBe(before);
  });

  test('of the scale change the replicas', () => {
    const { make, call } = createPlane();
    make(deployments, deployment);
    const scale = call('get', deployments, { ...at('d'), subresource: 'scale' }) as ApiObject & { spec: object };
    call('update', deployments, { ...at('d'), subresource: 'scale', object: { ...scale, spec: { replicas: 7 } } });
    expect(call('get', deployments, at('d'))).toMatchObject({ spec: { replicas: 7 } });
  });

  test('in a dry run leave no trace', () => {
    const { make, etcd, call } = createPlane();
    make(deployments, deployment);
    const before = etcd.revision;
    call('create', configMaps, { object: { metadata: { name: 'a', namespace: 'default' } }, write: { dryRun: true } });
    call('delete', deployments, { ...at('d'), delete: { dryRun: true } });
    expect(etcd.revision).toBe(before);
  });
});

describe('tokens', () => {
  test('prove a service account until their Pod is gone', () => {
    const { make, call, endpoint, run } = createPlane();
    const pod = make(pods, podOf('p')) as Pod;
    const answer = call('create', serviceAccounts, {
      ...at('default'),
      subresource: 'token',
      object: { spec: { expirationSeconds: 3600, boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'p', uid: pod.metadata.uid } } },
    });
    const { token } = (answer as unknown as { status: { token: string } }).status;
    const session = endpoint.open({ type: 'token', token }, 'curl');
    const list = (): unknown => run(session.call({ verb: 'list', kind: pods, namespace: 'default' }));
    expect(failureOf(list)).toBe(
      '403: pods is forbidden: User "system:serviceaccount:default:default" cannot list resource "pods" in API group "" in the namespace "default"',
    );
    call('delete', pods, at('p'));
    expect(failureOf(list)).toBe('401: Unauthorized');
    expect(failureOf(() => endpoint.open({ type: 'token', token }, 'curl'))).toBe('401: Unauthorized');
  });

  test('expire', () => {
    const { call, endpoint, advance } = createPlane();
    const answer = call('create', serviceAccounts, {
      ...at('default'),
      subresource: 'token',
      object: { spec: { expirationSeconds: 600 } },
    });
    const { token } = (answer as unknown as { status: { token: string } }).status;
    endpoint.open({ type: 'token', token }, 'curl');
    advance(661_000);
    expect(failureOf(() => endpoint.open({ type: 'token', token }, 'curl'))).toBe('401: Unauthorized');
  });
});
