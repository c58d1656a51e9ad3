import { expect, test } from 'vitest';
import { replicaSets } from '../../../api/apps/replica-set.ts';
import { pods } from '../../../api/core/pod.ts';
import type { Pod } from '../../../api/generated/types.ts';
import { EventLoop, WallClock } from '../../../kernel/index.ts';
import type { ControllerTest } from '../testing.ts';
import { createControllerTest } from '../testing.ts';
import { replicaSetController } from './index.ts';
import { podsToDelete } from '../replica-ranking.ts';

const spec = { containers: [{ name: 'web', image: 'nginx' }] };
const set = (replicas: number, more: object = {}) => ({
  metadata: { name: 'web' },
  spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec }, ...more },
});

function begin(replicas: number, more?: object): ControllerTest {
  const plane = createControllerTest([replicaSetController]);
  plane.create(replicaSets, set(replicas, more));
  plane.settle();
  return plane;
}

const owned = (plane: ControllerTest): Pod[] =>
  plane.list(pods).filter(({ metadata }) => metadata.ownerReferences?.some(({ controller }) => controller));

test('it adopts a Pod that it selects, and replaces one that it no longer does', () => {
  const plane = createControllerTest([replicaSetController]);
  plane.create(pods, { metadata: { name: 'stray', labels: { app: 'web' } }, spec });
  plane.settle();
  plane.create(replicaSets, set(2));
  plane.settle();
  expect(plane.list(pods)).toHaveLength(2);
  expect(plane.get(pods, 'stray').metadata.ownerReferences).toMatchObject([
    { kind: 'ReplicaSet', name: 'web', controller: true, blockOwnerDeletion: true },
  ]);
  plane.change(pods, 'stray', (pod) => ({ ...pod, metadata: { ...pod.metadata, labels: { app: 'debug' } } }));
  plane.settle();
  expect(plane.get(pods, 'stray').metadata.ownerReferences ?? []).toEqual([]);
  expect(owned(plane)).toHaveLength(2);
});

test('more than one burst is created, and the status counts what is ready', () => {
  const plane = begin(1200);
  expect(owned(plane)).toHaveLength(1200);
  for (const pod of owned(plane).slice(0, 7)) plane.setReady(pod);
  plane.settle();
  expect(plane.get(replicaSets, 'web').status).toMatchObject({
    replicas: 1200,
    fullyLabeledReplicas: 1200,
    readyReplicas: 7,
    availableReplicas: 7,
  });
});

test('a refused Pod: an Event and a condition, a few requests and not five hundred', () => {
  const plane = begin(500, { template: { metadata: { labels: { app: 'web' } }, spec: { ...spec, serviceAccountName: 'nobody' } } });
  const message = expect.stringMatching(
    /^pods "web-\w*" is forbidden: error looking up service account default\/nobody: serviceaccount "nobody" not found$/,
  );
  expect(plane.get(replicaSets, 'web').status?.conditions).toMatchObject([
    { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message },
  ]);
  // Each attempt had a name of its own, so what is more than ten is combined.
  for (const text of plane.eventsOf('web'))
    expect(text).toMatch(/^Warning FailedCreate (\(combined from similar events\): )?Error creating: pods "web-/);
  expect(plane.eventsOf('web').length).toBeLessThanOrEqual(10);
  expect(owned(plane)).toEqual([]);
});

test('minReadySeconds: available later than ready', () => {
  const plane = begin(1, { minReadySeconds: 30 });
  plane.setReady(owned(plane)[0]!);
  plane.advance(5_000);
  expect(plane.get(replicaSets, 'web').status).toMatchObject({ readyReplicas: 1 });
  expect(plane.get(replicaSets, 'web').status?.availableReplicas ?? 0).toBe(0);
  plane.advance(30_000);
  expect(plane.get(replicaSets, 'web').status).toMatchObject({ availableReplicas: 1 });
});

const loop = new EventLoop();
const now = { clock: new WallClock(loop, Date.UTC(2025, 0, 2)), ms: 0 };
const pod = (
  name: string,
  more: { node?: string; phase?: string; ready?: string; cost?: string; restarts?: number; created?: string } = {},
) =>
  ({
    metadata: {
      name,
      uid: name,
      creationTimestamp: more.created ?? '2025-01-01T00:00:00Z',
      annotations: more.cost ? { 'controller.kubernetes.io/pod-deletion-cost': more.cost } : undefined,
    },
    spec: { nodeName: more.node },
    status: {
      phase: more.phase ?? 'Running',
      conditions: more.ready ? [{ type: 'Ready', status: 'True', lastTransitionTime: more.ready }] : [],
      containerStatuses: [{ restartCount: more.restarts ?? 0 }],
    },
  }) as unknown as Pod;
const old = '2025-01-01T00:00:00Z';

test.each([
  { name: 'without a node', pods: [pod('a', { node: 'n', ready: old }), pod('b')], want: 'b' },
  { name: 'pending', pods: [pod('a', { node: 'n' }), pod('b', { node: 'n', phase: 'Pending' })], want: 'b' },
  { name: 'not ready', pods: [pod('a', { node: 'n', ready: old }), pod('b', { node: 'n' })], want: 'b' },
  { name: 'cheap', pods: [pod('a', { node: 'n', ready: old }), pod('b', { node: 'n', ready: old, cost: '-5' })], want: 'b' },
  {
    name: 'doubled up',
    pods: [pod('a', { node: 'm', ready: old }), pod('b', { node: 'n', ready: old }), pod('c', { node: 'n', ready: old })],
    want: 'b',
  },
  {
    name: 'ready for a short time',
    pods: [pod('a', { node: 'n', ready: old }), pod('b', { node: 'n', ready: '2025-01-01T23:59:00Z' })],
    want: 'b',
  },
  { name: 'often restarted', pods: [pod('a', { node: 'n', ready: old }), pod('b', { node: 'n', ready: old, restarts: 3 })], want: 'b' },
  {
    name: 'young',
    pods: [pod('a', { node: 'n', ready: old }), pod('b', { node: 'n', ready: old, created: '2025-01-01T23:00:00Z' })],
    want: 'b',
  },
])('$name goes first', ({ pods: candidates, want }) => {
  expect(podsToDelete(candidates, candidates, 1, now).map(({ metadata }) => metadata.name)).toEqual([want]);
});
