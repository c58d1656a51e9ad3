/** Boot, deploy, scale, idle and heap of whole clusters. Virtual time runs as fast as it goes; figures are wall time. */
import { createCluster } from '../emulator/cluster/index.ts';
import type { Cluster } from '../emulator/cluster/index.ts';
import { deployments } from '../emulator/api/apps/deployment.ts';
import { services } from '../emulator/api/core/service.ts';
import { programs } from '../terminal/programs.ts';
import { heapBytes, medianMs, wallMs } from './measure.ts';
import type { Bench, Figure } from './figure.ts';

const workers = (count: number) => [
  { name: 'control-plane' },
  ...Array.from({ length: count }, (_, i) => ({ name: `node-${i + 1}`, cpu: '64', memory: '256Gi', maxPods: 250 })),
];

function boot(workerCount = 3): Cluster {
  return createCluster({ nodes: workers(workerCount), images: [], seed: 1, programs });
}

function deploy(cluster: Cluster, name: string, replicas: number): void {
  const labels = { app: name };
  const container = {
    name: 'web',
    image: 'nginx:1.29',
    ports: [{ containerPort: 80 }],
    resources: { requests: { cpu: '10m', memory: '16Mi' } },
  };
  const { adminClient, kernel } = cluster;
  kernel.fiber(
    (function* () {
      yield* adminClient.create(services, {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name, namespace: 'default' },
        spec: { selector: labels, ports: [{ port: 80 }] },
      });
      const template = { metadata: { labels }, spec: { containers: [container] } };
      yield* adminClient.create(deployments, {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name, namespace: 'default', labels },
        spec: { replicas, selector: { matchLabels: labels }, template },
      });
    })(),
  );
}

/** Ready replicas of every Deployment of the bench, as the cluster itself counts them. */
function readyReplicas(cluster: Cluster): number {
  let ready = 0;
  cluster.kernel.fiber(
    (function* () {
      const { items } = yield* cluster.adminClient.list(deployments, { namespace: 'default' });
      for (const { status } of items) ready += status?.readyReplicas ?? 0;
    })(),
  );
  return ready;
}

function runPods(workerCount: number, pods: number, perDeployment: number): { readonly cluster: Cluster; readonly ms: number } {
  const cluster = boot(workerCount);
  return { cluster, ms: runPodsOn(cluster, pods, perDeployment) };
}

function runPodsOn(cluster: Cluster, pods: number, perDeployment: number): number {
  const ms = wallMs(() => {
    for (let i = 0; i * perDeployment < pods; i++) deploy(cluster, `web-${i}`, Math.min(perDeployment, pods - i * perDeployment));
    cluster.settle();
  });
  const ready = readyReplicas(cluster);
  if (ready !== pods) throw new Error(`${ready} of ${pods} Pods became ready`);
  return ms;
}

const webernetes = 'webernetes 0.3.5';

export const clusterBenches: readonly Bench[] = [
  {
    name: 'boot',
    run: () => {
      const cold = wallMs(() => boot());
      const warm = medianMs(15, () => boot());
      return [
        { name: 'boot cold', value: cold, unit: 'ms', goal: 100, peer: webernetes, peerValue: 226 },
        { name: 'boot warm', value: warm, unit: 'ms', goal: 30, peer: webernetes, peerValue: 226 },
      ];
    },
  },
  {
    name: 'deploy-500',
    run: () => {
      const { ms: cold } = runPods(3, 500, 500);
      const times = Array.from({ length: 7 }, () => runPods(3, 500, 500).ms).sort((a, b) => a - b);
      return [
        { name: 'deploy-500 cold', value: cold, unit: 'ms', goal: 300, peer: webernetes, peerValue: 16_800 },
        { name: 'deploy-500 warm', value: times[3]!, unit: 'ms', goal: 100, peer: webernetes, peerValue: 16_800 },
      ];
    },
  },
  {
    name: 'pods-10k',
    run: () => {
      // One cluster, before and after: a second one beside it might be collected, or not, while the heap is measured.
      const cluster = boot(1000);
      cluster.settle();
      const empty = heapBytes();
      const ms = runPodsOn(cluster, 10_000, 500);
      const perPod = (heapBytes() - empty) / 10_000 / 1000;
      const idle = wallMs(() => cluster.advance(60_000)) / 60;
      return [
        { name: 'pods-10k', value: ms, unit: 'ms', goal: 2500, peer: 'KWOK, its own gate', peerValue: 20_000 },
        { name: 'heap-per-pod', value: perPod, unit: 'KB', goal: 9, peer: webernetes, peerValue: 79 },
        { name: 'idle', value: idle, unit: 'ms per virtual second', goal: 1 },
      ];
    },
  },
  {
    name: 'growth',
    run: (): Figure[] => {
      const one = runPods(1000, 5000, 500).ms;
      const two = runPods(1000, 10_000, 500).ms;
      return [{ name: 'growth', value: two / one, unit: 'times for twice the Pods', goal: 2, peer: webernetes, peerValue: 3.5 }];
    },
  },
  {
    name: 'pods-100k',
    run: () => {
      const { ms } = runPods(5000, 100_000, 1000);
      return [
        { name: 'pods-100k', value: ms / 1000, unit: 's', goal: 30, peer: 'none in one process' },
        { name: 'pods-100k heap', value: process.memoryUsage().heapUsed / 2 ** 30, unit: 'GiB', goal: 1.5 },
      ];
    },
  },
];
