/** Several profiles at once, on the in-memory API server and on a booted cluster. */
import { expect, test } from 'vitest';
import { pods } from '../../api/core/pod.ts';
import { createCluster } from '../../cluster/index.ts';
import type { Cluster } from '../../cluster/index.ts';
import type { Call } from '../../kernel/index.ts';
import { textOf, utf8 } from '../../kernel/index.ts';
import { parseConfiguration } from './configuration/load.ts';
import type { PluginFactory } from './framework.ts';
import { createSchedulerTest, requests } from './testing.ts';

const packing = `apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
clientConnection:
  kubeconfig: /etc/kubernetes/scheduler.conf
profiles:
- schedulerName: default-scheduler
- schedulerName: packer
  pluginConfig:
  - name: NodeResourcesFit
    args:
      scoringStrategy:
        type: MostAllocated
  plugins:
    score:
      disabled:
      - name: NodeResourcesBalancedAllocation
      - name: PodTopologySpread
`;

test('each profile schedules the Pods that name it, by its own strategy', () => {
  const t = createSchedulerTest({ a: {}, b: {}, c: {} }, { configuration: parseConfiguration(packing) });
  for (const i of [1, 2, 3]) t.addPod(`packed-${i}`, { ...requests('500m', '512Mi'), schedulerName: 'packer' });
  t.settle();
  const packed = new Set([1, 2, 3].map((i) => t.pod(`packed-${i}`).spec.nodeName));
  expect(packed.size).toBe(1);
  t.addPod('spread', requests('500m', '512Mi'));
  t.addPod('nobody', { schedulerName: 'unknown' });
  t.settle();
  expect(packed.has(t.pod('spread').spec.nodeName)).toBe(false);
  expect(t.pod('spread').spec.nodeName).toBeDefined();
  expect(t.pod('nobody').spec.nodeName).toBeUndefined();
  expect(t.pod('nobody').status?.conditions ?? []).toEqual([]);
  expect(t.eventsOf('nobody')).toEqual([]);
  expect(t.eventSources('packed-1')).toEqual(['packer']);
});

test('a plugin from outside takes part by its name', () => {
  const alphabetical: PluginFactory = {
    name: 'Alphabetical',
    points: ['score'],
    make: (args) => ({
      name: 'Alphabetical',
      preScore:
        ({ cache }) =>
        ({ indices, count }, out) => {
          for (let n = 0; n < count; n++) out[n] = cache.nodes[indices[n]!]!.name === (args as { last: string }).last ? 100 : 0;
        },
    }),
  };
  const configuration = parseConfiguration(`apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
- plugins:
    multiPoint:
      enabled:
      - name: Alphabetical
        weight: 100
  pluginConfig:
  - name: Alphabetical
    args:
      last: c
`);
  const t = createSchedulerTest({ a: {}, b: {}, c: {} }, { configuration, plugins: [alphabetical] });
  for (const i of [1, 2, 3, 4]) t.addPod(`p-${i}`, requests('500m'));
  t.settle();
  expect([1, 2, 3, 4].map((i) => t.pod(`p-${i}`).spec.nodeName)).toEqual(['c', 'c', 'c', 'c']);
});

function run<T>(cluster: Cluster, call: Call<T>): T {
  let value: T | undefined;
  cluster.kernel.fiber(
    (function* (): Call<void> {
      value = yield* call;
    })(),
  );
  cluster.advance(10);
  return value!;
}

/** Writes a configuration and names it in the scheduler's manifest, as an administrator does. */
function configure(cluster: Cluster, text: string): void {
  const { fs } = cluster.machine('control-plane')!;
  const file = '/etc/kubernetes/scheduler-config.yaml';
  const manifest = '/etc/kubernetes/manifests/kube-scheduler.yaml';
  fs.writeFile(file, utf8(text));
  const lines = textOf(fs.readFile(manifest))
    .replace('    - --kubeconfig=', `    - --config=${file}\n    - --kubeconfig=`)
    .replace('    volumeMounts:\n', `    volumeMounts:\n    - mountPath: ${file}\n      name: config\n      readOnly: true\n`)
    .replace('  volumes:\n', `  volumes:\n  - hostPath:\n      path: ${file}\n      type: File\n    name: config\n`);
  fs.writeFile(manifest, utf8(lines));
}

function schedulerLog(cluster: Cluster): string {
  const { fs } = cluster.machine('control-plane')!;
  const folder = `/var/log/pods/${fs.list('/var/log/pods').find((name) => name.startsWith('kube-system_kube-scheduler'))!}/kube-scheduler`;
  return fs
    .list(folder)
    .map((name) => textOf(fs.readFile(`${folder}/${name}`)))
    .join('');
}

function create(cluster: Cluster, name: string, schedulerName: string): void {
  const spec = { schedulerName, ...requests('300m', '256Mi') };
  run(
    cluster,
    cluster.adminClient.create(pods, { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'default', name }, spec } as never),
  );
}

const nodeOf = (cluster: Cluster, name: string): string | undefined =>
  run(cluster, cluster.adminClient.get(pods, { namespace: 'default', name })).spec.nodeName;

test('the static Pod reads the file that --config names', () => {
  const cluster = createCluster({ nodes: 3, seed: 5 });
  configure(cluster, packing);
  cluster.advance(60_000);
  for (const i of [1, 2, 3]) create(cluster, `p-${i}`, 'packer');
  cluster.advance(5000);
  const placed = [1, 2, 3].map((i) => nodeOf(cluster, `p-${i}`));
  expect(new Set(placed).size).toBe(1);
  expect(placed[0]).toBeDefined();
});

test('a scheduler that is to write its configuration does so and ends', () => {
  const cluster = createCluster({ nodes: 1, seed: 5 });
  const { fs } = cluster.machine('control-plane')!;
  const manifest = '/etc/kubernetes/manifests/kube-scheduler.yaml';
  fs.writeFile(
    manifest,
    utf8(textOf(fs.readFile(manifest)).replace('    - --kubeconfig=', '    - --write-config-to=/tmp/all.yaml\n    - --kubeconfig=')),
  );
  cluster.advance(30_000);
  expect(schedulerLog(cluster)).toContain('"Wrote configuration" file="/tmp/all.yaml"');
  expect(schedulerLog(cluster)).not.toContain('"Starting Kubernetes Scheduler"');
});

test('a file with a mistake keeps the scheduler from starting, and its log says why', () => {
  const cluster = createCluster({ nodes: 1, seed: 5 });
  configure(cluster, packing.replace('MostAllocated', 'Tetris'));
  cluster.advance(60_000);
  create(cluster, 'p', 'default-scheduler');
  cluster.advance(5000);
  expect(nodeOf(cluster, 'p')).toBeUndefined();
  expect(schedulerLog(cluster)).toContain(
    String.raw`"command failed" err="initializing profiles: creating profile for scheduler name packer: initializing plugin \"NodeResourcesFit\": scoringStrategy.type: Unsupported value: \"Tetris\"`,
  );
});
