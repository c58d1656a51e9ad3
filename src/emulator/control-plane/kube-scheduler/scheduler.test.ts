import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodes } from '../../api/core/node.ts';
import { pods } from '../../api/core/pod.ts';
import { priorityClasses } from '../../api/scheduling/priority-class.ts';
import type { Cycle } from './framework.ts';
import type { TestNode } from './testing.ts';
import { createSchedulerTest, requests } from './testing.ts';

const three: Readonly<Record<string, TestNode>> = { 'node-1': { cpu: '2' }, 'node-2': { cpu: '2' }, 'node-3': { cpu: '2' } };
const master = { 'control-plane': { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] } };
const none = 'no new claims to deallocate, preemption: 0/4 nodes are available:';

interface Case {
  readonly name: string;
  readonly nodes?: Readonly<Record<string, TestNode>>;
  readonly spec: object;
  /** The node, or the whole sentence of FailedScheduling. */
  readonly want: string;
}

const only = (...names: string[]) => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: names }] }],
    },
  },
});

const cases: readonly Case[] = [
  { name: 'a node with the label of nodeSelector', spec: { nodeSelector: { 'kubernetes.io/hostname': 'node-2' } }, want: 'node-2' },
  { name: 'required node affinity', spec: { affinity: only('node-3') }, want: 'node-3' },
  {
    name: 'preferred node affinity',
    spec: {
      affinity: {
        nodeAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 50, preference: { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node-1'] }] } },
          ],
        },
      },
    },
    want: 'node-1',
  },
  {
    name: 'a toleration opens the tainted node',
    spec: {
      nodeSelector: { 'kubernetes.io/hostname': 'control-plane' },
      tolerations: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }],
    },
    want: 'control-plane',
  },
  {
    name: 'no node has enough CPU, and no smaller node ever will',
    spec: requests('3'),
    want: `0/4 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 3 Insufficient cpu. ${none} 4 Preemption is not helpful for scheduling.`,
  },
  {
    name: 'a Pod that asks for too much itself',
    spec: { ...requests('100m'), resources: { requests: { cpu: '3' } } },
    want: `0/4 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 3 Insufficient cpu. ${none} 4 Preemption is not helpful for scheduling.`,
  },
  {
    name: 'the selector matches nothing',
    spec: { nodeSelector: { disk: 'ssd' } },
    want: `0/4 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 3 node(s) didn't match Pod's node affinity/selector. ${none} 4 Preemption is not helpful for scheduling.`,
  },
  {
    name: 'a cordoned node',
    nodes: { ...master, 'node-1': {}, 'node-2': { unschedulable: true }, 'node-3': {} },
    spec: { affinity: only('node-2') },
    want: `0/4 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 1 node(s) were unschedulable, 2 node(s) didn't match Pod's node affinity/selector. ${none} 4 Preemption is not helpful for scheduling.`,
  },
  {
    name: 'nodes named by affinity that do not exist',
    spec: {
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-9'] }] }],
          },
        },
      },
    },
    want: `0/4 nodes are available: 4 node(s) didn't satisfy plugin(s) [NodeAffinity]. ${none} 4 Preemption is not helpful for scheduling.`,
  },
];

test.each(cases)('$name', ({ nodes: described, spec, want }) => {
  const plane = createSchedulerTest(described ?? { ...master, ...three });
  plane.addPod('a', spec);
  plane.settle();
  const { nodeName } = plane.pod('a').spec;
  expect(nodeName ?? plane.verdict('a')).toBe(want);
  const event = nodeName ? `Normal Scheduled Successfully assigned default/a to ${want}` : `Warning FailedScheduling ${want}`;
  expect(plane.eventsOf('a')).toEqual([event]);
});

test('full nodes: the reason, and the room that a deletion makes', () => {
  const plane = createSchedulerTest({ ...master, ...three });
  for (const name of ['a', 'b', 'c']) plane.addPod(name, requests('1500m'));
  plane.settle();
  expect(new Set(['a', 'b', 'c'].map((name) => plane.pod(name).spec.nodeName)).size).toBe(3);
  plane.addPod('late', requests('1'));
  plane.settle();
  expect(plane.verdict('late')).toBe(
    `0/4 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 3 Insufficient cpu. ${none} 1 Preemption is not helpful for scheduling, 3 No preemption victims found for incoming pod.`,
  );
  const node = plane.pod('b').spec.nodeName;
  plane.deletePod('b');
  plane.settle();
  expect(plane.pod('late').spec.nodeName).toBe(node);
});

test('a Pod of higher priority takes the place of the least important', () => {
  const plane = createSchedulerTest({ 'node-1': { cpu: '2' } });
  plane.run(
    plane.client.create(priorityClasses, {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name: 'high' },
      value: 1000,
    } as never),
  );
  for (const name of ['a', 'b']) plane.addPod(name, requests('1'));
  plane.settle();
  plane.addPod('vip', { ...requests('1'), priorityClassName: 'high', priority: 1000 });
  plane.settle();
  const doomed = ['a', 'b'].filter((name) =>
    plane
      .run(plane.client.list(pods, { namespace: 'default' }))
      .items.some((pod) => pod.metadata.name === name && pod.metadata.deletionTimestamp),
  );
  expect(doomed).toHaveLength(1);
  expect(plane.pod('vip').status?.nominatedNodeName).toBe('node-1');
  expect(plane.pod(doomed[0]!).status?.conditions).toContainEqual(
    expect.objectContaining({
      type: 'DisruptionTarget',
      reason: 'PreemptionByScheduler',
      message: 'default-scheduler: preempting to accommodate a higher priority pod',
    }),
  );
  expect(plane.eventsOf(doomed[0]!)).toContain(`Normal Preempted Preempted by pod ${plane.pod('vip').metadata.uid} on node node-1`);
  plane.deletePod(doomed[0]!);
  plane.settle();
  expect(plane.pod('vip').spec.nodeName).toBe('node-1');
});

test('a Pod with gates, or of another scheduler, is left alone', () => {
  const plane = createSchedulerTest(three);
  plane.addPod('gated', { schedulingGates: [{ name: 'example.com/wait' }] });
  plane.addPod('other', { schedulerName: 'mine' });
  plane.settle();
  expect(plane.pod('gated').spec.nodeName).toBeUndefined();
  expect(plane.pod('other').spec.nodeName).toBeUndefined();
  plane.run(plane.client.update(pods, { ...plane.pod('gated'), spec: { ...plane.pod('gated').spec, schedulingGates: undefined } }));
  plane.settle();
  expect(plane.pod('gated').spec.nodeName).toBeDefined();
});

test('a Pod that waits for a claim of a template is met once by an event that it waits for', () => {
  const plane = createSchedulerTest(three);
  plane.addPod('gated', { resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 'gpus' }] });
  plane.settle();
  const node = plane.run(plane.client.get(nodes, { name: 'node-1' }));
  plane.run(
    plane.client.update(nodes, { ...node, metadata: { ...node.metadata, labels: { ...node.metadata.labels, disk: 'ssd' } } } as never),
  );
  plane.settle();
  expect(plane.pod('gated').spec.nodeName).toBeUndefined();
});

test('no node at all, and then one', () => {
  const plane = createSchedulerTest({});
  plane.addPod('a');
  plane.settle();
  expect(plane.verdict('a')).toBe('no nodes available to schedule pods');
  plane.addNode('node-1');
  plane.settle();
  expect(plane.pod('a').spec.nodeName).toBe('node-1');
});

const labelled = { labels: { app: 'web' } };
const anti = {
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { labelSelector: { matchLabels: { app: 'web' } }, topologyKey: 'kubernetes.io/hostname' },
      ],
    },
  },
};

test('anti-affinity keeps Pods apart, also from those that do not ask for it', () => {
  const plane = createSchedulerTest(three);
  for (const name of ['a', 'b', 'c']) plane.addPod(name, anti, labelled);
  plane.settle();
  expect(new Set(['a', 'b', 'c'].map((name) => plane.pod(name).spec.nodeName)).size).toBe(3);
  plane.addPod('d', anti, labelled);
  plane.addPod('plain', {}, labelled);
  plane.settle();
  expect(plane.verdict('d')).toContain(
    "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules. no new claims to deallocate, preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.",
  );
  expect(plane.verdict('plain')).toContain("3 node(s) didn't satisfy existing pods anti-affinity rules.");
});

test('topology spread keeps the skew', () => {
  const zones = {
    'node-1': { labels: { zone: 'a' } },
    'node-2': { labels: { zone: 'a' } },
    'node-3': { labels: { zone: 'b' } },
    'node-4': {},
  };
  const plane = createSchedulerTest(zones);
  const spread = {
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } } },
    ],
  };
  for (let i = 0; i < 6; i++) plane.addPod(`p${i}`, spread, labelled);
  plane.settle();
  const inB = Array.from({ length: 6 }, (_, i) => plane.pod(`p${i}`).spec.nodeName).filter((name) => name === 'node-3');
  expect(inB).toHaveLength(3);
});

test('no Pod is bound to a node that a filter rejects', () => {
  const node = fc.record({
    cpu: fc.constantFrom('500m', '1', '2'),
    pods: fc.constantFrom('2', '5'),
    labels: fc.record({ zone: fc.constantFrom('a', 'b') }),
    unschedulable: fc.boolean(),
    taints: fc.constantFrom([], [{ key: 'k', value: 'v', effect: 'NoSchedule' }]),
  });
  const spec = fc.record({
    cpu: fc.constantFrom('100m', '400m', '900m'),
    zone: fc.constantFrom(undefined, 'a', 'b'),
    tolerates: fc.boolean(),
    apart: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(node, { minLength: 1, maxLength: 6 }), fc.array(spec, { minLength: 1, maxLength: 12 }), (described, specs) => {
      const plane = createSchedulerTest(Object.fromEntries(described.map((one, i) => [`node-${i}`, one])));
      specs.forEach(({ cpu, zone, tolerates, apart }, i) => {
        plane.addPod(
          `p${i}`,
          {
            ...requests(cpu),
            ...(zone ? { nodeSelector: { zone } } : {}),
            ...(tolerates ? { tolerations: [{ key: 'k', operator: 'Exists' }] } : {}),
            ...(apart ? anti : {}),
          },
          labelled,
        );
      });
      plane.settle();
      const { cache } = plane.scheduler;
      for (const pod of plane.run(plane.client.list(pods, { namespace: 'default' })).items) {
        if (!pod.spec.nodeName) continue;
        const free = { ...pod, spec: { ...pod.spec, nodeName: undefined } };
        cache.remove(pod);
        const cycle: Cycle = { pod: free, podClass: cache.classOf(free), cache };
        const index = cache.info(pod.spec.nodeName)!.index;
        for (const plugin of plane.profiles[0]!.filters)
          expect([plugin.name, plugin.preFilter?.(cycle)?.filter?.(index)]).toEqual([plugin.name, undefined]);
        cache.place(pod, pod.spec.nodeName);
      }
    }),
    { numRuns: 40, seed: 7 },
  );
});

test('a node that goes away takes its columns along', () => {
  const plane = createSchedulerTest(three);
  plane.addPod('a', { ...requests('1'), nodeSelector: { 'kubernetes.io/hostname': 'node-3' } });
  plane.settle();
  plane.run(plane.client.delete(nodes, { name: 'node-1' }));
  plane.settle();
  plane.addPod('b', { ...requests('1500m'), nodeSelector: { 'kubernetes.io/hostname': 'node-3' } });
  plane.settle();
  expect(plane.verdict('b')).toContain("1 Insufficient cpu, 1 node(s) didn't match Pod's node affinity/selector");
});
