import { expect, test } from 'vitest';
import { leases } from '../api/coordination/lease.ts';
import { configMaps } from '../api/core/config-map.ts';
import { endpointSlices } from '../api/discovery/endpoint-slice.ts';
import { pods } from '../api/core/pod.ts';
import type { Call } from '../kernel/index.ts';
import type { Cluster } from './index.ts';
import { createCluster } from './index.ts';

/** Runs a call and returns what came of it, and the seconds that it took. */
function ask<T>(cluster: Cluster, call: Call<T>): { value?: T; error?: string; seconds: number } {
  const outcome: { value?: T; error?: string; seconds: number } = { seconds: -1 };
  const since = cluster.nowMs;
  cluster.kernel.fiber(
    (function* () {
      try {
        outcome.value = yield* call;
      } catch (error) {
        outcome.error = (error as Error).message;
      }
      outcome.seconds = Math.round((cluster.nowMs - since) / 1000);
    })(),
  );
  for (let i = 0; i < 1300 && outcome.seconds < 0; i++) cluster.advance(100);
  return outcome;
}

const write = (cluster: Cluster, name: string) =>
  ask(cluster, cluster.adminClient.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name } }));

const namesOf = (cluster: Cluster): string[] =>
  ask(cluster, cluster.adminClient.list(configMaps, { namespace: 'default' })).value!.items.map(({ metadata }) => metadata.name);

const servers = (cluster: Cluster): number =>
  ask(cluster, cluster.adminClient.get(endpointSlices, { namespace: 'default', name: 'kubernetes' })).value!.endpoints!.length;

const holder = (cluster: Cluster, name: string): string =>
  ask(cluster, cluster.adminClient.get(leases, { namespace: 'kube-system', name })).value!.spec.holderIdentity!.replace(/_.*/, '');

test('three control planes go on without one and stop without two', () => {
  const cluster = createCluster({ nodes: 1, controlPlanes: 3 });
  cluster.settle();
  const system = ask(cluster, cluster.adminClient.list(pods, { namespace: 'kube-system' })).value!.items;
  for (const component of ['etcd', 'kube-apiserver', 'kube-scheduler', 'kube-controller-manager'])
    expect(system.filter(({ metadata }) => metadata.labels?.component === component)).toHaveLength(3);
  cluster.advance(10_000);
  expect(servers(cluster)).toBe(3);
  expect(write(cluster, 'all')).toMatchObject({ seconds: 0 });

  // The one that is lost holds the controller manager's lease: another takes it over once it has run out.
  const lost = holder(cluster, 'kube-controller-manager');
  cluster.powerOff(lost);
  cluster.advance(30_000);
  expect(write(cluster, 'without-one').error).toBeUndefined();
  expect(holder(cluster, 'kube-controller-manager')).not.toBe(lost);
  expect(servers(cluster)).toBe(2);

  const [second] = cluster.controlPlanes.map(({ spec }) => spec.name).filter((name) => name !== lost);
  cluster.powerOff(second!);
  cluster.advance(5000);
  expect(write(cluster, 'without-two')).toMatchObject({ error: 'etcdserver: request timed out', seconds: 7 });
  const reading = ask(cluster, cluster.adminClient.list(configMaps, { namespace: 'default' }));
  expect(reading).toMatchObject({ error: 'Timeout: request did not complete within the allotted timeout', seconds: 60 });

  cluster.powerOn(lost);
  cluster.powerOn(second!);
  cluster.advance(120_000);
  expect(namesOf(cluster)).toEqual(['all', 'kube-root-ca.crt', 'without-one']);
  expect(write(cluster, 'again').error).toBeUndefined();
});
