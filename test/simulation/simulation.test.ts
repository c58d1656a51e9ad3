/**
 * Random operations, node loss and restarts of components; then the cluster settles, and what must hold in every legal
 * state is looked at. A failure prints its seed, and fast-check shrinks the operations.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { textOf } from '../../src/emulator/kernel/index.ts';
import { readyAddresses } from '../../src/lab/measures.ts';
import { playground } from '../../src/lab/playground.ts';
import { startScript } from '../../src/lab/script.ts';
import { LabSession } from '../../src/lab/session.ts';

const app = fc.constantFrom('a', 'b', 'c');
const worker = fc.constantFrom('node-1', 'node-2', 'node-3');
const operation = fc.oneof(
  fc
    .tuple(app, fc.integer({ min: 0, max: 6 }))
    .map(
      ([name, n]) => `kubectl create deployment ${name} --image=nginx:1.28 --replicas=${n}; kubectl expose deployment ${name} --port=80`,
    ),
  fc.tuple(app, fc.integer({ min: 0, max: 9 })).map(([name, n]) => `kubectl scale deployment ${name} --replicas=${n}`),
  app.map((name) => `kubectl set image deployment/${name} nginx=nginx:1.29`),
  app.map((name) => `kubectl delete pods -l app=${name} --wait=false`),
  app.map((name) => `kubectl delete deployment ${name}`),
  worker.map((node) => `kubectl cordon ${node}`),
  worker.map((node) => `kubectl uncordon ${node}`),
  worker.map((node) => `ssh ${node} systemctl restart kubelet`),
  fc.constantFrom('kube-scheduler', 'kube-controller-manager').map((part) => `crictl stop $(crictl ps -q --name ${part})`),
  fc.integer({ min: 1, max: 40 }).map((seconds) => `sleep ${seconds}`),
);

function runAll(seed: number, operations: readonly string[]): LabSession {
  const session = new LabSession(playground({ seed }));
  let errors = '';
  const text = `${operations.join('\n')}\nkubectl uncordon node-1 node-2 node-3\n`;
  const running = startScript(session.cluster.kernel, session.cluster.machine('control-plane')!, {
    text,
    thinkMs: 500,
    onOutput: (stream, bytes) => {
      if (stream === 'stderr') errors += textOf(bytes);
    },
  });
  while (running.exitCode === undefined && session.nowMs < 3_600_000) session.advance(session.nowMs + 1000);
  expect(running.exitCode, errors).toBeDefined();
  for (const endMs = session.nowMs + 600_000; session.nowMs < endMs; ) session.advance(endMs);
  return session;
}

function expectLegal(session: LabSession): void {
  const { cluster } = session;
  const pods = cluster.list('pods');
  const nodes = new Set(cluster.list('nodes').map(({ metadata }) => metadata.name));
  const owners = new Set(cluster.list('replicasets').map(({ metadata }) => metadata.uid));
  for (const deployment of cluster.list('deployments')) {
    const wanted = deployment.spec?.replicas ?? 1;
    expect(deployment.status?.readyReplicas ?? 0, `ready replicas of ${deployment.metadata.name}`).toBe(wanted);
    expect(deployment.status?.updatedReplicas ?? 0, `updated replicas of ${deployment.metadata.name}`).toBe(wanted);
  }
  for (const pod of pods) {
    expect(nodes, `the node of ${pod.metadata.name}`).toContain(pod.spec?.nodeName);
    const [owner] = pod.metadata.ownerReferences ?? [];
    if (owner?.kind === 'ReplicaSet') expect(owners, `the owner of ${pod.metadata.name}`).toContain(owner.uid);
  }
  const ips = pods.filter((pod) => !pod.spec?.hostNetwork && pod.status?.podIP).map((pod) => pod.status!.podIP);
  expect(new Set(ips).size, 'distinct Pod addresses').toBe(ips.length);
  for (const service of cluster.list('services').filter(({ spec }) => spec?.selector?.app)) {
    const ready = pods.filter((pod) => pod.metadata.namespace === 'default' && pod.metadata.labels?.app === service.spec!.selector!.app);
    expect(
      readyAddresses(cluster.list('endpointslices'), `default/${service.metadata.name}`).ready,
      `endpoints of ${service.metadata.name}`,
    ).toBe(ready.length);
  }
}

test('whatever happens, it settles into a legal state', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.array(operation, { minLength: 3, maxLength: 14 }), (seed, operations) => {
      expectLegal(runAll(seed, operations));
    }),
    { numRuns: 15, seed: 20250901 },
  );
}, 300_000);
