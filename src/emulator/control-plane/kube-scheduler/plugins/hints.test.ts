/** What wakes Pods that a plugin rejected, and what does not. */
import { describe, expect, test } from 'vitest';
import type { Pod } from '../../../api/generated/types.ts';
import type { EventKind } from '../events.ts';
import { inZone, makeNode, makePod, ordinary, podTerm, port, requests, setUp, spread, web, zone } from './scene-testing.ts';

describe('queueing hints', () => {
  const wakes = (plugin: string, kind: EventKind, before: unknown, after: unknown, pod: Pod): boolean => {
    const scene = setUp({ nodes: { a: {} }, pod: {} });
    scene.placement.plan({ ...scene.cycle, pod, podClass: scene.cycle.cache.classOf(pod) });
    const hint = ordinary.plugins.find(({ name }) => name === plugin)!.wakes?.[kind];
    return hint === true || (hint?.(pod, { kind, before, after }) ?? false);
  };
  const big = makePod({ spec: requests('6') });
  const toWeb = { labelSelector: { matchLabels: web }, topologyKey: zone };
  const tainted = makeNode('n', { taints: [{ key: 'k', value: '', effect: 'NoSchedule' }] });
  const apart = makePod({ spec: podTerm('podAntiAffinity', toWeb) });
  const together = makePod({ spec: podTerm('podAffinity', toWeb) });
  test.each<{ name: string; plugin: string; kind: EventKind; before?: unknown; after?: unknown; pod: Pod; want: boolean }>([
    { name: 'a node that is too small', plugin: 'NodeResourcesFit', kind: 'Node/Add', after: makeNode('n'), pod: big, want: false },
    {
      name: 'a node that is large enough',
      plugin: 'NodeResourcesFit',
      kind: 'Node/Add',
      after: makeNode('n', { allocatable: { cpu: '8' } }),
      pod: big,
      want: true,
    },
    {
      name: 'a node that has got more of what is not asked for',
      plugin: 'NodeResourcesFit',
      kind: 'Node/UpdateNodeAllocatable',
      before: makeNode('n', { allocatable: { cpu: '8' } }),
      after: makeNode('n', { allocatable: { cpu: '8', 'example.com/gpu': '1' } }),
      pod: big,
      want: false,
    },
    {
      name: 'a Pod that has gone',
      plugin: 'NodeResourcesFit',
      kind: 'AssignedPod/Delete',
      before: makePod({ on: 'a' }),
      pod: big,
      want: true,
    },
    {
      name: 'a Pod that has come',
      plugin: 'NodeResourcesFit',
      kind: 'AssignedPod/Add',
      after: makePod({ on: 'a' }),
      pod: big,
      want: false,
    },
    {
      name: 'a taint that is gone',
      plugin: 'TaintToleration',
      kind: 'Node/UpdateNodeTaint',
      before: tainted,
      after: makeNode('n'),
      pod: big,
      want: true,
    },
    { name: 'a node that is tainted', plugin: 'TaintToleration', kind: 'Node/Add', after: tainted, pod: big, want: false },
    {
      name: 'another port',
      plugin: 'NodePorts',
      kind: 'AssignedPod/Delete',
      before: makePod({ spec: port(81) }),
      pod: makePod({ spec: port(80) }),
      want: false,
    },
    {
      name: 'the port that is wanted',
      plugin: 'NodePorts',
      kind: 'AssignedPod/Delete',
      before: makePod({ spec: port(80) }),
      pod: makePod({ spec: port(80, '10.0.0.1') }),
      want: true,
    },
    {
      name: 'a label that the selector wants',
      plugin: 'NodeAffinity',
      kind: 'Node/UpdateNodeLabel',
      before: makeNode('n'),
      after: makeNode('n', { labels: { disk: 'ssd' } }),
      pod: makePod({ spec: { nodeSelector: { disk: 'ssd' } } }),
      want: true,
    },
    {
      name: 'the Pod that one wants to be near to',
      plugin: 'InterPodAffinity',
      kind: 'AssignedPod/Add',
      after: makePod({ labels: web }),
      pod: together,
      want: true,
    },
    { name: 'some other Pod', plugin: 'InterPodAffinity', kind: 'AssignedPod/Add', after: makePod(), pod: together, want: false },
    {
      name: 'the Pod that one keeps away from',
      plugin: 'InterPodAffinity',
      kind: 'AssignedPod/Delete',
      before: makePod({ labels: web }),
      pod: apart,
      want: true,
    },
    {
      name: 'a Pod that is not counted',
      plugin: 'PodTopologySpread',
      kind: 'AssignedPod/Add',
      after: makePod(),
      pod: makePod({ spec: spread({}) }),
      want: false,
    },
    {
      name: 'a Pod that is counted',
      plugin: 'PodTopologySpread',
      kind: 'AssignedPod/Add',
      after: makePod({ labels: web }),
      pod: makePod({ spec: spread({}) }),
      want: true,
    },
    {
      name: 'a node in another zone',
      plugin: 'PodTopologySpread',
      kind: 'Node/UpdateNodeLabel',
      before: makeNode('n', inZone('1')),
      after: makeNode('n', inZone('2')),
      pod: makePod({ spec: spread({}) }),
      want: true,
    },
    {
      name: 'a class with another description',
      plugin: 'VolumeBinding',
      kind: 'StorageClass/Update',
      before: {},
      after: { metadata: { annotations: { note: 'x' } } },
      pod: big,
      want: false,
    },
    {
      name: 'a class with other topologies',
      plugin: 'VolumeBinding',
      kind: 'StorageClass/Update',
      before: {},
      after: { allowedTopologies: [{ matchLabelExpressions: [{ key: zone, values: ['1'] }] }] },
      pod: big,
      want: true,
    },
    {
      name: 'a node whose drivers have changed',
      plugin: 'VolumeBinding',
      kind: 'CSINode/Update',
      before: { metadata: {} },
      after: { metadata: {}, spec: { drivers: [] } },
      pod: big,
      want: false,
    },
    {
      name: 'an uncordoned node',
      plugin: 'NodeUnschedulable',
      kind: 'Node/UpdateNodeTaint',
      before: makeNode('n', { unschedulable: true }),
      after: makeNode('n'),
      pod: big,
      want: true,
    },
  ])('$plugin: $name', ({ plugin, kind, before, after, pod, want }) => expect(wakes(plugin, kind, before, after, pod)).toBe(want));
});
