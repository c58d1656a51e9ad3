import { describe, expect, test } from 'vitest';
import { deployments } from '../api/apps/deployment.ts';
import { events } from '../api/core/event.ts';
import { nodes } from '../api/core/node.ts';
import { pods } from '../api/core/pod.ts';
import type { Pod } from '../api/generated/types.ts';
import type { Call } from '../kernel/index.ts';
import { textOf } from '../kernel/index.ts';
import type { Cluster } from './index.ts';
import { createCluster } from './index.ts';

/** Runs a call of the administrator to its end. */
function run<T>(cluster: Cluster, call: Call<T>): T {
  let outcome: { readonly value: T } | undefined;
  cluster.kernel.fiber(
    (function* (): Call<void> {
      outcome = { value: yield* call };
    })(),
  );
  cluster.advance(10);
  return outcome!.value;
}

const podsOf = (cluster: Cluster, namespace: string): readonly Pod[] => run(cluster, cluster.adminClient.list(pods, { namespace })).items;
const isReady = (pod: Pod): boolean => pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;

function deploy(cluster: Cluster, name: string, replicas: number): void {
  run(
    cluster,
    cluster.adminClient.create(deployments, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { namespace: 'default', name },
      spec: {
        replicas,
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] } },
      },
    }),
  );
}

describe('a cluster', () => {
  test('boots with all its system Pods ready', () => {
    const cluster = createCluster({ nodes: 3, seed: 7 });
    const system = podsOf(cluster, 'kube-system');
    expect(system.every(isReady)).toBe(true);
    expect(system.map(({ metadata }) => metadata.name.replace(/^(coredns|kube-proxy)-.*/, '$1')).sort()).toEqual([
      'coredns',
      'coredns',
      'etcd-control-plane',
      'kube-apiserver-control-plane',
      'kube-controller-manager-control-plane',
      'kube-proxy',
      'kube-proxy',
      'kube-proxy',
      'kube-proxy',
      'kube-scheduler-control-plane',
    ]);
    expect(cluster.nodeNames).toEqual(['control-plane', 'node-1', 'node-2', 'node-3']);
  });

  test('a machine has its id in a file', () => {
    const cluster = createCluster({ nodes: 1, seed: 7 });
    const shown = run(cluster, cluster.adminClient.list(nodes)).items.map(({ status }) => `${status?.nodeInfo?.machineID}\n`);
    expect(cluster.nodes.map(({ machine }) => textOf(machine.fs.readFile('/etc/machine-id'))).sort()).toEqual(shown.sort());
  });

  test('runs a Deployment, and settles', () => {
    const cluster = createCluster({ nodes: 2, seed: 7 });
    deploy(cluster, 'web', 5);
    cluster.settle();
    const list = podsOf(cluster, 'default');
    expect(list.map((pod) => [pod.status?.phase, isReady(pod)])).toEqual(list.map(() => ['Running', true]));
    expect(new Set(list.map(({ spec }) => spec.nodeName))).toEqual(new Set(['node-1', 'node-2']));
  });

  test('the same seed gives the same history', () => {
    const history = (seed: number): string => {
      const cluster = createCluster({ nodes: 2, seed });
      const lines: string[] = [];
      cluster.kernel.trace.listen((record) => lines.push(JSON.stringify(record)));
      deploy(cluster, 'web', 3);
      cluster.advance(60_000);
      return lines.join('\n');
    };
    const first = history(3);
    expect(first.length).toBeGreaterThan(1000);
    expect(history(3)).toBe(first);
    expect(history(4)).not.toBe(first);
  });

  test('an API server whose manifest changes comes back with it', () => {
    const cluster = createCluster({ nodes: 1, seed: 1 });
    const { fs } = cluster.machine('control-plane')!;
    const path = '/etc/kubernetes/manifests/kube-apiserver.yaml';
    fs.writeFile(path, fs.readFile(path).replace('cpu: 250m', 'cpu: 251m') as never);
    cluster.advance(120_000);
    const server = podsOf(cluster, 'kube-system').find(({ metadata }) => metadata.name === 'kube-apiserver-control-plane')!;
    expect(isReady(server)).toBe(true);
    expect(server.spec.containers[0]!.resources?.requests?.cpu).toBe('251m');
  });

  test('a worker that loses its power is given up, and its Pods come up elsewhere', () => {
    const cluster = createCluster({ nodes: 2, seed: 1 });
    deploy(cluster, 'web', 2);
    cluster.settle();
    const bootID = (): string | undefined => run(cluster, cluster.adminClient.get(nodes, { name: 'node-1' })).status?.nodeInfo?.bootID;
    const before = bootID();
    cluster.powerOff('node-1');
    cluster.advance(420_000);
    const alive = podsOf(cluster, 'default').filter((pod) => pod.spec.nodeName === 'node-2' && isReady(pod));
    expect(alive).toHaveLength(2);
    cluster.powerOn('node-1');
    cluster.advance(60_000);
    expect(podsOf(cluster, 'default')).toHaveLength(2);
    expect(podsOf(cluster, 'kube-system').every(isReady)).toBe(true);
    expect(bootID()).not.toBe(before);
    const rebooted = run(cluster, cluster.adminClient.list(events, {})).items.filter(({ reason }) => reason === 'Rebooted');
    expect(rebooted.map(({ type, message }) => `${type} ${message}`)).toEqual([
      `Warning Node node-1 has been rebooted, boot id: ${bootID()}`,
    ]);
  });
});
