import { runtimeClasses } from '../../api/node/runtime-class.ts';
import { describe, expect, test } from 'vitest';
import { configMaps } from '../../api/core/config-map.ts';
import { pods } from '../../api/core/pod.ts';
import type { Pod } from '../../api/generated/types.ts';
import type { Kind } from '../../api/kind.ts';
import type { LabImage } from '../../images/index.ts';
import type { ApiObject } from '../../machinery/objects.ts';
import { createTestNode } from './testing.ts';

const labImages: readonly LabImage[] = [
  { name: 'lab/server', ports: [8080], routes: { '/': 'hello', '/healthz': 'ok' }, startupMs: 800 },
  { name: 'lab/crash', crash: { afterMs: 1000, exitCode: 3, message: 'no database' } },
  { name: 'lab/done', crash: { exitCode: 0 } },
  { name: 'lab/stubborn', ports: [8080], ignoresTerm: true },
  { name: 'lab/sick', ports: [8080], routes: { '/healthz': { status: 503 } } },
  { name: 'lab/leak', leak: { bytesPerSecond: 10 * 1024 * 1024 } },
];

/** A Pod in one line, as `kubectl get` would have it, and why. */
function summary(pod: Pod | undefined): string {
  if (!pod) return 'gone';
  const [container] = pod.status?.containerStatuses ?? [];
  const { state, lastState } = container ?? {};
  const now = state?.running
    ? 'running'
    : state?.terminated
      ? `${state.terminated.reason} ${state.terminated.exitCode}`
      : (state?.waiting?.reason ?? 'none');
  const before = lastState?.terminated ? ` after ${lastState.terminated.reason} ${lastState.terminated.exitCode}` : '';
  return `${pod.status?.phase} ${container?.ready ? 'ready' : 'unready'} ${container?.restartCount ?? 0} ${now}${before}`;
}

interface Case {
  readonly name: string;
  readonly spec: Partial<Pod['spec']>;
  /** Virtual milliseconds after its creation, and what is seen then. */
  readonly seen: readonly (readonly [atMs: number, summary: string])[];
  readonly events?: readonly string[];
}

const container = (image: string, more: object = {}) => ({ containers: [{ name: 'c', image, ...more }] });

const cases: readonly Case[] = [
  {
    name: 'pulls, starts and is ready',
    spec: container('nginx:1.27'),
    seen: [
      [100, 'Pending unready 0 ContainerCreating'],
      [10_000, 'Running ready 0 running'],
    ],
    events: [
      'Pulling: Pulling image "nginx:1.27"',
      'Pulled: Successfully pulled image "nginx:1.27" in *',
      'Created: Created container: c',
      'Started: Started container c',
    ],
  },
  {
    name: 'an image that does not exist',
    spec: container('nginx:0.0'),
    seen: [
      [4000, 'Pending unready 0 ErrImagePull'],
      [18_000, 'Pending unready 0 ImagePullBackOff'],
    ],
    events: [
      'Pulling: Pulling image "nginx:0.0"',
      'Failed: Failed to pull image "nginx:0.0": rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:0.0": failed to resolve reference "docker.io/library/nginx:0.0": docker.io/library/nginx:0.0: not found',
      'Failed: Error: ErrImagePull',
    ],
  },
  {
    name: 'a container that crashes is started again, then backed off',
    spec: container('lab/crash'),
    seen: [
      [8000, 'Running unready 1 Error 3 after Error 3'],
      [24_000, 'Running unready 2 Error 3 after Error 3'],
      [40_000, 'Running unready 2 CrashLoopBackOff after Error 3'],
    ],
  },
  {
    name: 'a container that ends well under restartPolicy Never',
    spec: { ...container('lab/done'), restartPolicy: 'Never' },
    seen: [[10_000, 'Succeeded unready 0 Completed 0']],
  },
  {
    name: 'a container that fails under restartPolicy Never',
    spec: { ...container('lab/crash'), restartPolicy: 'Never' },
    seen: [[10_000, 'Failed unready 0 Error 3']],
  },
  {
    name: 'readiness waits for the server',
    spec: container('lab/server', {
      ports: [{ containerPort: 8080 }],
      readinessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 2 },
    }),
    seen: [
      [2000, 'Running unready 0 running'],
      [8000, 'Running ready 0 running'],
    ],
  },
  {
    name: 'a failing liveness probe restarts the container',
    spec: container('lab/sick', { livenessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 5, failureThreshold: 1 } }),
    seen: [[8000, 'Running ready 1 running after Error 143']],
  },
  {
    name: 'too much memory',
    spec: container('lab/leak', { resources: { limits: { memory: '25Mi' } } }),
    seen: [[7000, 'Running ready 1 running after OOMKilled 137']],
  },
  {
    name: 'a command that is not there',
    spec: container('lab/server', { command: ['nope'] }),
    seen: [[2000, 'Running unready 1 RunContainerError after StartError 128']],
  },
  {
    name: 'a ConfigMap key that is not there',
    spec: container('nginx:1.27', { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'none', key: 'a' } } }] }),
    seen: [[6000, 'Pending unready 0 CreateContainerConfigError']],
  },
  {
    name: 'an init container that fails holds the others back',
    spec: { ...container('nginx:1.27'), initContainers: [{ name: 'i', image: 'lab/crash' }] },
    seen: [[8000, 'Pending unready 0 PodInitializing']],
  },
  {
    name: 'too large for the node',
    spec: container('nginx:1.27', { resources: { requests: { cpu: '64' } } }),
    seen: [[1000, 'Failed unready 0 none']],
  },
];

test.each(cases)('$name', ({ spec, seen, events }) => {
  const t = createTestNode({ labImages });
  t.create('p', spec);
  let now = 0;
  for (const [at, want] of seen) {
    t.advance(at - now);
    now = at;
    expect(`${at} ${summary(t.pod('p'))}`).toBe(`${at} ${want}`);
  }
  if (!events) return;
  const found = t.events('p');
  expect(
    found
      .slice(0, events.length)
      .map((line, i) => (events[i]!.endsWith('*') && line.startsWith(events[i]!.slice(0, -1)) ? events[i] : line)),
  ).toEqual(events);
});

describe('the end of a Pod', () => {
  test.each([
    { name: 'a server that obeys is gone at once', image: 'nginx:1.27', atMs: 3000, want: 'gone' },
    {
      name: 'one that does not is killed after the grace period: not before',
      image: 'lab/stubborn',
      atMs: 28_000,
      want: 'Running ready 0 running',
    },
    { name: 'one that does not is killed after the grace period: then it is', image: 'lab/stubborn', atMs: 33_000, want: 'gone' },
  ])('$name', ({ image, atMs, want }) => {
    const t = createTestNode({ labImages });
    t.create('p', container(image));
    t.advance(10_000);
    t.remove('p');
    t.advance(atMs);
    expect(summary(t.pod('p'))).toBe(want);
    if (want === 'gone') expect(t.node.runtime.sandboxes.size).toBe(0);
  });

  test('a kubelet that starts again finds its containers', () => {
    const t = createTestNode({ labImages });
    t.create('p', container('nginx:1.27'));
    t.advance(10_000);
    const [before] = t.node.runtime.containers.keys();
    t.node.systemd.restart(t.node.systemd.find('kubelet')!);
    t.advance(20_000);
    expect(summary(t.pod('p'))).toBe('Running ready 0 running');
    expect([...t.node.runtime.containers.keys()]).toEqual([before]);
  });
});

test('a mounted ConfigMap is seen in the container and changes with the object', () => {
  const t = createTestNode({ labImages });
  t.make(configMaps as unknown as Kind, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'default', name: 'site' },
    data: { 'index.html': 'one' },
  });
  t.create('p', {
    ...container('nginx:1.27', { volumeMounts: [{ name: 'v', mountPath: '/usr/share/nginx/html' }] }),
    volumes: [{ name: 'v', configMap: { name: 'site' } }],
  });
  t.advance(10_000);
  const read = (): string => String([...t.node.runtime.containers.values()][0]!.machine!.fs.readFile('/usr/share/nginx/html/index.html'));
  expect(read()).toBe('one');
  const site = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'default', name: 'site', resourceVersion: '' },
    data: { 'index.html': 'two' },
  };
  t.replace(configMaps as unknown as Kind, site as never);
  t.advance(1000);
  expect(read()).toBe('one');
  t.advance(90_000);
  expect(read()).toBe('two');
});

test('what the node controller wrote while the node was not Ready is set right', () => {
  const t = createTestNode({ labImages });
  t.create('p', container('nginx:1.27'));
  t.advance(10_000);
  const ready = (): string | undefined => t.pod('p')?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  expect(ready()).toBe('True');
  const pod = t.pod('p')!;
  const conditions = pod.status!.conditions!.map((one) => (one.type === 'Ready' ? { ...one, status: 'False' } : one));
  const object = { ...pod, status: { ...pod.status, conditions } } as ApiObject;
  t.run(t.admin.call({ verb: 'update', kind: pods as unknown as Kind, namespace: 'default', name: 'p', object, subresource: 'status' }));
  t.advance(1000);
  expect(ready()).toBe('False');
  t.advance(10_000);
  expect(ready()).toBe('True');
});

test('a runtime that the node does not have', () => {
  const t = createTestNode({ labImages });
  t.make(runtimeClasses as unknown as Kind, { metadata: { name: 'gvisor' }, handler: 'runsc' });
  t.make(runtimeClasses as unknown as Kind, { metadata: { name: 'usual' }, handler: 'runc' });
  t.create('p', { ...container('nginx:1.27'), runtimeClassName: 'gvisor' });
  t.create('q', { ...container('nginx:1.27'), runtimeClassName: 'usual' });
  t.advance(5000);
  expect(t.events('p')).toContain(
    'FailedCreatePodSandBox: Failed to create pod sandbox: rpc error: code = Unknown desc = failed to get sandbox runtime: no runtime for "runsc" is configured',
  );
  expect([t.pod('p')?.status?.phase, t.pod('q')?.status?.phase]).toEqual(['Pending', 'Running']);
});
