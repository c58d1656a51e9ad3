import { expect, test } from 'vitest';
import { configMaps } from '../api/core/config-map.ts';
import { events } from '../api/core/event.ts';
import type { ApiSession } from '../control-plane/kube-apiserver/endpoint.ts';
import { createTestControlPlane } from '../control-plane/kube-apiserver/testing.ts';
import type { Call, Connection, NetNamespace } from '../kernel/index.ts';
import { base64, Errno, FileSystem, utf8 } from '../kernel/index.ts';
import { conflict } from '../machinery/status-error.ts';
import { EventCorrelator } from './event-correlator.ts';
import {
  connectClient,
  defaultLeaderElectionTimes,
  EventRecorder,
  Informer,
  KubeconfigError,
  LeaderElector,
  loadKubeconfig,
  Workqueue,
} from './index.ts';
import { clientOver } from './testing.ts';

const map = (name: string, data: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'default', name },
  data,
});

/** A network on which one server can be taken away and come back. */
function breakableNet(session: ApiSession) {
  let isUp = true;
  let close: (() => void) | undefined;
  const net = {
    addresses: ['127.0.0.1'],
    *connect(): Call<Connection> {
      if (!isUp) throw new Errno('ECONNREFUSED');
      let isOpen = true;
      const server = { ip: '172.18.0.2', port: 6443 };
      return {
        local: server,
        remote: server,
        service: { endpoint: { open: () => session } },
        get isOpen() {
          return isOpen;
        },
        onClose(callback) {
          close = () => {
            isOpen = false;
            callback();
          };
        },
        close() {},
      };
    },
  } as unknown as NetNamespace;
  const set = (up: boolean): void => {
    isUp = up;
    if (!up) close?.();
  };
  return { net, set };
}

test('an informer follows changes, and finds what it missed while the server was away', () => {
  const plane = createTestControlPlane();
  const admin = clientOver(plane.kernel, plane.admin);
  const { net, set } = breakableNet(plane.admin);
  const client = connectClient({
    kernel: plane.kernel,
    net,
    server: { ip: '172.18.0.2', port: 6443 },
    credential: { type: 'anonymous' },
    agent: 'test',
  });
  const informer = new Informer(plane.kernel, client, configMaps, { namespace: 'default' });
  const byKind = informer.index(({ data }) => data?.kind);
  const seen: string[] = [];
  informer.onChange(({ type, object, previous }) =>
    seen.push(`${type} ${object.metadata.name}${previous ? ` was ${previous.data?.kind}` : ''}`),
  );
  plane.run(admin.create(configMaps, map('a', { kind: 'x' }) as never));
  informer.start();
  expect(informer.hasSynced).toBe(true);
  const b = plane.run(admin.create(configMaps, map('b', { kind: 'x' }) as never));
  plane.run(admin.update(configMaps, { ...b, data: { kind: 'y' } }));
  plane.advance(10);
  expect(seen).toEqual(['ADDED a', 'ADDED b', 'MODIFIED b was x']);
  expect([[...byKind.get('x').values()], [...byKind.get('y').values()]].map((group) => group.map(({ metadata }) => metadata.name))).toEqual(
    [['a'], ['b']],
  );
  expect(informer.get('a', 'default')?.data).toEqual({ kind: 'x' });
  set(false);
  plane.run(admin.delete(configMaps, { namespace: 'default', name: 'a' }));
  plane.run(admin.create(configMaps, map('c') as never));
  plane.advance(5_000);
  expect(() => plane.run(client.get(configMaps, { namespace: 'default', name: 'b' }))).toThrow(Errno);
  expect(informer.get('c', 'default')).toBeUndefined();
  set(true);
  plane.advance(60_000);
  expect(informer.get('a', 'default')).toBeUndefined();
  expect(informer.get('c', 'default')).toBeDefined();
  expect(seen.slice(3).sort()).toEqual(['ADDED c', 'DELETED a was x']);
});

test('a workqueue works once on a key that is added often, rests, and retries with backoff', () => {
  const { kernel, advance } = createTestControlPlane({ isBare: true });
  const runs: string[] = [];
  let failures = 3;
  const queue = new Workqueue<string>(kernel, {
    name: 'test',
    restMs: 20,
    *reconcile(key) {
      runs.push(`${key}@${kernel.loop.now}`);
      if (key === 'bad' && failures-- > 0) throw conflict({ group: '', resource: 'pods' }, 'x', 'changed');
      if (key === 'slow') yield* kernel.sleep(100);
    },
  });
  for (const key of ['a', 'a', 'b', 'a']) queue.add(key);
  expect(runs).toEqual([]);
  queue.start();
  advance(0);
  queue.add('a');
  advance(1000);
  expect(runs).toEqual(['a@0', 'b@0', 'a@20']);
  runs.length = 0;
  queue.add('bad');
  advance(1000);
  expect(runs).toEqual(['bad@1000', 'bad@1020', 'bad@1040', 'bad@1060']);
  runs.length = 0;
  queue.add('slow');
  advance(10);
  queue.add('slow');
  advance(1000);
  expect(runs).toEqual(['slow@2000', 'slow@2120']);
  queue.addAfter('a', 500);
  queue.addAfter('a', 200);
  advance(1000);
  expect(runs.slice(2)).toEqual(['a@3210']);
});

test.each([
  { name: 'that rests', restMs: 20 },
  { name: 'that does not even rest', restMs: 0 },
])('a key that runs in circles is named and slowed down: a queue $name', ({ restMs }) => {
  const { kernel, advance } = createTestControlPlane({ isBare: true });
  let runs = 0;
  const queue = new Workqueue<string>(kernel, {
    name: 'flip-flop',
    restMs,
    *reconcile(key) {
      runs++;
      if (key === 'default/web') queue.add(key);
    },
  });
  queue.start();
  queue.add('default/web');
  advance(120_000);
  expect([...kernel.hotLoops]).toEqual(['flip-flop: default/web']);
  const before = runs;
  advance(60_000);
  expect(runs - before).toBe(60);
  // A key that is added now and then is none.
  for (let i = 0; i < 4000; i++) {
    queue.add('default/calm');
    advance(1100);
  }
  expect(kernel.hotLoops.size).toBe(1);
});

test('Events: the same again is counted, ten similar ones are combined, and a flood is cut off', () => {
  const plane = createTestControlPlane();
  const client = clientOver(plane.kernel, plane.admin);
  const recorder = new EventRecorder(plane.kernel, client, { component: 'tester' });
  const about = plane.run(client.create(configMaps, map('a') as never));
  const texts = (): string[] => plane.run(client.list(events)).items.map(({ reason, message, count }) => `${reason} ${message} ${count}`);
  recorder.normal(about, 'Same', 'again');
  plane.advance(2000);
  recorder.normal(about, 'Same', 'again');
  expect(texts()).toEqual(['Same again 2']);
  for (let i = 1; i <= 12; i++) recorder.normal(about, 'Many', `number ${i}`);
  expect(texts()).toHaveLength(11);
  expect(texts().at(-1)).toMatch(/^Many \(combined from similar events\): number 12 3$/);
  for (let i = 0; i < 40; i++) recorder.normal(about, `Flood${i}`, 'x');
  expect(texts()).toHaveLength(22);
});

test('an Event combined after ten minutes begins anew', () => {
  const correlator = new EventCorrelator();
  const seen = (message: string, nowMs: number) =>
    correlator.observe({ uid: 'u', type: 'Normal', reason: 'R', message, nowMs, timestamp: '', newName: () => message }).type;
  for (let i = 0; i < 9; i++) expect(seen(`m${i}`, 0)).toBe('create');
  expect(seen('m9', 600_001)).toBe('create');
  expect(seen('m9', 600_002)).toBe('count');
});

test('one of two candidates leads, and the other takes over 15 s after the last renewal', () => {
  const plane = createTestControlPlane();
  const client = clientOver(plane.kernel, plane.admin);
  const recorder = new EventRecorder(plane.kernel, client, { component: 'tester' });
  const candidate = (identity: string) =>
    new LeaderElector({
      kernel: plane.kernel,
      client,
      recorder,
      namespace: 'kube-system',
      name: 'tester',
      identity,
      times: defaultLeaderElectionTimes,
    });
  const first = candidate('a');
  const second = candidate('b');
  const leads: string[] = [];
  const run = function* (elector: LeaderElector, name: string): Call<void> {
    yield* elector.acquire();
    leads.push(`${name}@${plane.kernel.loop.now}`);
    yield* elector.renew();
  };
  const fiber = plane.kernel.fiber(run(first, 'a'));
  plane.kernel.fiber(run(second, 'b'));
  plane.advance(60_000);
  expect(leads).toEqual(['a@0']);
  fiber.cancel();
  plane.advance(14_000);
  expect(leads).toHaveLength(1);
  plane.advance(10_000);
  expect(leads).toHaveLength(2);
});

const kubeconfig = (server: string) => `apiVersion: v1
kind: Config
current-context: me@here
clusters:
- name: here
  cluster:
    server: ${server}
    certificate-authority-data: ${base64(utf8('CA'))}
contexts:
- name: me@here
  context: { cluster: here, user: me }
users:
- name: me
  user:
    client-certificate-data: ${base64(utf8('CERT'))}
    client-key-data: ${base64(utf8('KEY'))}
`;

test.each([
  {
    name: 'embedded data',
    text: kubeconfig('https://172.18.0.2:6443'),
    want: {
      server: { ip: '172.18.0.2', port: 6443 },
      isTls: true,
      authorities: expect.any(Function),
      credential: { type: 'certificate', certificate: 'CERT', key: 'KEY' },
      namespace: 'default',
    },
  },
  { name: 'a URL that is none', text: kubeconfig('nowhere'), want: 'invalid configuration: invalid server URL "nowhere"' },
  {
    name: 'an empty file',
    text: '',
    want: 'invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable',
  },
])('kubeconfig: $name', ({ text, want }) => {
  const fs = new FileSystem(() => 0);
  fs.writeFile('/etc/kubernetes/admin.conf', utf8(text));
  const load = () => loadKubeconfig(fs, '/etc/kubernetes/admin.conf');
  if (typeof want === 'string') expect(load).toThrow(new KubeconfigError(want));
  else expect(load()).toEqual(want);
});
