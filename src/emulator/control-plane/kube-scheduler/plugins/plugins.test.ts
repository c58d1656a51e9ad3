/** Each plugin by the cases that upstream's documentation describes: verdicts and scores, on a cache alone. */
import { describe, expect, test } from 'vitest';
import type { Scene } from './scene-testing.ts';
import { configured, inZone, podTerm, port, preferred, requests, required, scores, spread, verdicts, web, zone } from './scene-testing.ts';

const affinityNo = "!node(s) didn't match Pod's node affinity/selector";
const nodeTerms = (...nodeSelectorTerms: object[]) => ({ affinity: { nodeAffinity: { [required]: { nodeSelectorTerms } } } });
const field = (...values: string[]) => ({ key: 'metadata.name', operator: 'In', values });
const skew = "node(s) didn't match pod topology spread constraints";
const notNear = "!node(s) didn't match pod affinity rules";
interface FilterCase extends Scene {
  readonly name: string;
  readonly want: Readonly<Record<string, string>>;
}

describe('NodeAffinity', () => {
  const disks = { a: { labels: { disk: 'ssd', cores: '8' } }, b: { labels: { disk: 'hdd', cores: '16' } } };
  test.each<FilterCase>([
    {
      name: 'terms are alternatives, requirements of one are not',
      nodes: disks,
      pod: {
        spec: nodeTerms(
          {
            matchExpressions: [
              { key: 'disk', operator: 'In', values: ['ssd'] },
              { key: 'cores', operator: 'Gt', values: ['8'] },
            ],
          },
          { matchExpressions: [{ key: 'disk', operator: 'NotIn', values: ['ssd'] }] },
        ),
      },
      want: { a: affinityNo, b: 'ok' },
    },
    {
      name: 'a term without requirements matches nothing',
      nodes: disks,
      pod: { spec: nodeTerms({}) },
      want: { a: affinityNo, b: affinityNo },
    },
    {
      name: 'selector and affinity must both hold',
      nodes: disks,
      pod: {
        spec: { nodeSelector: { disk: 'ssd' }, ...nodeTerms({ matchExpressions: [{ key: 'cores', operator: 'Lt', values: ['8'] }] }) },
      },
      want: { a: affinityNo, b: affinityNo },
    },
    {
      name: 'named nodes alone come into question',
      nodes: disks,
      pod: { spec: nodeTerms({ matchFields: [field('b')] }) },
      want: { b: 'ok' },
    },
    {
      name: 'names that contradict one another',
      nodes: disks,
      pod: { spec: nodeTerms({ matchFields: [field('a'), field('b')] }) },
      want: { all: '!pod affinity terms conflict' },
    },
    {
      name: 'what the profile adds holds for every Pod',
      nodes: disks,
      profile: configured(
        'NodeAffinity',
        `{addedAffinity: {${required}: {nodeSelectorTerms: [{matchExpressions: [{key: disk, operator: In, values: [ssd]}]}]}}}`,
      ),
      pod: { spec: { nodeSelector: { cores: '16' } } },
      want: { a: affinityNo, b: "!node(s) didn't match scheduler-enforced node affinity" },
    },
  ])('$name', ({ want, ...scene }) => expect(verdicts(scene)).toEqual(want));

  test('weights of preferred terms add up, also those of the profile', () => {
    const like = (disk: string, weight: number) => ({
      weight,
      preference: { matchExpressions: [{ key: 'disk', operator: 'In', values: [disk] }] },
    });
    const pod = { spec: { affinity: { nodeAffinity: { [preferred]: [like('ssd', 20), like('ssd', 20), like('hdd', 10)] } } } };
    expect(scores('NodeAffinity', { nodes: disks, pod })).toEqual({ a: 100, b: 25 });
    const profile = configured(
      'NodeAffinity',
      `{addedAffinity: {${preferred}: [{weight: 30, preference: {matchExpressions: [{key: disk, operator: In, values: [hdd]}]}}]}}`,
    );
    expect(scores('NodeAffinity', { nodes: disks, pod, profile })).toEqual({ a: 100, b: 100 });
  });
});

describe('taints, cordons and ports', () => {
  const taint = (effect: string) => ({ taints: [{ key: 'k', value: 'v', effect }] });
  test.each<FilterCase>([
    {
      name: 'only NoSchedule and NoExecute keep away',
      nodes: { a: taint('NoSchedule'), b: taint('NoExecute'), c: taint('PreferNoSchedule') },
      pod: {},
      want: { a: '!node(s) had untolerated taint {k: v}', b: '!node(s) had untolerated taint {k: v}', c: 'ok' },
    },
    {
      name: 'a toleration of one effect',
      nodes: { a: taint('NoSchedule'), b: taint('NoExecute') },
      pod: { spec: { tolerations: [{ key: 'k', operator: 'Equal', value: 'v', effect: 'NoSchedule' }] } },
      want: { a: 'ok', b: '!node(s) had untolerated taint {k: v}' },
    },
    { name: 'a cordoned node', nodes: { a: { unschedulable: true } }, pod: {}, want: { a: '!node(s) were unschedulable' } },
    {
      name: 'a cordon that is tolerated, as Pods of a DaemonSet do',
      nodes: { a: { unschedulable: true } },
      pod: { spec: { tolerations: [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' }] } },
      want: { a: 'ok' },
    },
    {
      name: 'a host port is free on another address, not on all',
      nodes: { a: {}, b: {}, c: {} },
      placed: [
        { on: 'a', spec: port(80, '10.0.0.1') },
        { on: 'b', spec: port(80) },
        { on: 'c', spec: port(80, '10.0.0.2', 'UDP') },
      ],
      pod: { spec: port(80, '10.0.0.2') },
      want: { a: 'ok', b: "node(s) didn't have free ports for the requested pod ports", c: 'ok' },
    },
  ])('$name', ({ want, ...scene }) => expect(verdicts(scene)).toEqual(want));

  test('fewer taints that are only to be avoided are better', () => {
    const avoid = (...keys: string[]) => ({ taints: keys.map((key) => ({ key, value: '', effect: 'PreferNoSchedule' })) });
    expect(scores('TaintToleration', { nodes: { a: {}, b: avoid('x'), c: avoid('x', 'y') }, pod: {} })).toEqual({ a: 100, b: 50, c: 0 });
  });
});

describe('NodeResourcesFit', () => {
  test.each<FilterCase>([
    {
      name: 'what is short for now, and what always will be',
      nodes: { a: {}, b: { allocatable: { cpu: '1' } } },
      placed: [{ on: 'a', spec: requests('3') }],
      pod: { spec: requests('2') },
      want: { a: 'Insufficient cpu', b: '!Insufficient cpu' },
    },
    {
      name: 'all that is short is said',
      nodes: { a: { allocatable: { cpu: '1', memory: '1Gi', pods: '1' } } },
      placed: [{ on: 'a', spec: requests('600m', '600Mi') }],
      pod: { spec: requests('600m', '600Mi') },
      want: { a: 'Too many pods, Insufficient cpu, Insufficient memory' },
    },
    {
      name: 'an extended resource that the node has not',
      nodes: { a: {} },
      pod: { spec: requests('0', '0', { 'example.com/gpu': '1' }) },
      want: { a: '!Insufficient example.com/gpu' },
    },
    {
      name: 'an extended resource that an argument ignores by its group',
      nodes: { a: {} },
      profile: configured('NodeResourcesFit', '{ignoredResourceGroups: [example.com]}'),
      pod: { spec: requests('0', '0', { 'example.com/gpu': '1' }) },
      want: { a: 'ok' },
    },
    {
      name: 'init containers run one after the other, sidecars stay, overhead comes on top',
      nodes: { a: { allocatable: { cpu: '1500m' } }, b: { allocatable: { cpu: '1400m' } } },
      pod: {
        spec: {
          ...requests('500m'),
          initContainers: [
            { name: 's', restartPolicy: 'Always', resources: { requests: { cpu: '300m' } } },
            { name: 'i', resources: { requests: { cpu: '1100m' } } },
          ],
          overhead: { cpu: '100m' },
        },
      },
      want: { a: 'ok', b: '!Insufficient cpu' },
    },
  ])('$name', ({ want, ...scene }) => expect(verdicts(scene)).toEqual(want));

  const half = [{ on: 'b', spec: requests('2', '4Gi') }];
  test.each<{ name: string; args: string; want: Readonly<Record<string, number>> }>([
    { name: 'the emptiest', args: '{}', want: { a: 75, b: 25 } },
    { name: 'the fullest', args: '{scoringStrategy: {type: MostAllocated}}', want: { a: 25, b: 75 } },
    {
      name: 'by memory alone',
      args: '{scoringStrategy: {type: LeastAllocated, resources: [{name: memory, weight: 3}]}}',
      want: { a: 75, b: 25 },
    },
    {
      name: 'by a line that falls from the middle on',
      args: '{scoringStrategy: {type: RequestedToCapacityRatio, requestedToCapacityRatio: {shape: [{utilization: 0, score: 0}, {utilization: 50, score: 10}, {utilization: 100, score: 2}]}}}',
      want: { a: 50, b: 60 },
    },
    {
      name: 'a resource that the Pod does not ask for counts for nothing',
      args: '{scoringStrategy: {type: MostAllocated, resources: [{name: cpu, weight: 1}, {name: example.com/gpu, weight: 5}]}}',
      want: { a: 25, b: 75 },
    },
  ])('strategy: $name', ({ args, want }) => {
    const scene = {
      nodes: { a: {}, b: {} },
      placed: half,
      pod: { spec: requests('1', '2Gi') },
      profile: configured('NodeResourcesFit', args),
    };
    expect(scores('NodeResourcesFit', scene)).toEqual(want);
  });

  test('a Pod without requests counts as 100m and 200 MiB, but for balance not at all', () => {
    const scene = { nodes: { a: { allocatable: { cpu: '1', memory: '2000Mi' } }, b: {} }, pod: {} };
    expect(scores('NodeResourcesFit', scene)).toEqual({ a: 90, b: 97 });
    expect(scores('NodeResourcesBalancedAllocation', scene)).toEqual({});
  });

  test('shares that are alike are balanced', () => {
    const scene = { nodes: { a: {}, b: { allocatable: { cpu: '2' } } }, pod: { spec: requests('2', '4Gi') } };
    expect(scores('NodeResourcesBalancedAllocation', scene)).toEqual({ a: 100, b: 75 });
  });
});

describe('PodTopologySpread', () => {
  test.each<FilterCase>([
    {
      name: 'the emptiest domain is the measure',
      nodes: { a: inZone('1'), b: inZone('2'), c: {} },
      placed: [{ on: 'a', labels: web }],
      pod: { labels: web, spec: spread({}) },
      want: { a: skew, b: 'ok', c: `!${skew} (missing required label)` },
    },
    {
      name: 'a topology key that no node has',
      nodes: { a: {}, b: {} },
      pod: { labels: web, spec: spread({ topologyKey: 'rack' }) },
      want: { a: `!${skew} (missing required label)`, b: `!${skew} (missing required label)` },
    },
    {
      name: 'with too few domains the measure is 0',
      nodes: { a: inZone('1'), b: inZone('2') },
      placed: [
        { on: 'a', labels: web },
        { on: 'b', labels: web },
      ],
      pod: { labels: web, spec: spread({ minDomains: 3 }) },
      want: { a: skew, b: skew },
    },
    {
      name: 'with enough of them it is not',
      nodes: { a: inZone('1'), b: inZone('2') },
      placed: [
        { on: 'a', labels: web },
        { on: 'b', labels: web },
      ],
      pod: { labels: web, spec: spread({ minDomains: 2 }) },
      want: { a: 'ok', b: 'ok' },
    },
    {
      name: 'a node that the Pod may not use does not count',
      nodes: { a: { labels: { [zone]: '1', disk: 'ssd' } }, b: inZone('2') },
      placed: [{ on: 'a', labels: web }],
      pod: { labels: web, spec: { ...spread({}), nodeSelector: { disk: 'ssd' } } },
      want: { a: 'ok', b: affinityNo },
    },
    {
      name: 'unless the policy says to ignore that',
      nodes: { a: { labels: { [zone]: '1', disk: 'ssd' } }, b: inZone('2') },
      placed: [{ on: 'a', labels: web }],
      pod: { labels: web, spec: { ...spread({ nodeAffinityPolicy: 'Ignore' }), nodeSelector: { disk: 'ssd' } } },
      want: { a: skew, b: affinityNo },
    },
    {
      name: 'a tainted node counts unless taints are honoured',
      nodes: { a: inZone('1'), b: { ...inZone('2'), taints: [{ key: 'k', value: '', effect: 'NoSchedule' }] } },
      placed: [{ on: 'a', labels: web }],
      pod: { labels: web, spec: spread({ nodeTaintsPolicy: 'Honor' }) },
      want: { a: 'ok', b: '!node(s) had untolerated taint {k: }' },
    },
    {
      name: 'Pods of other namespaces do not count, nor those that the selector leaves out',
      nodes: { a: inZone('1'), b: inZone('2') },
      placed: [
        { on: 'a', labels: web, namespace: 'other' },
        { on: 'a', labels: { ...web, hash: '1' } },
      ],
      pod: {
        labels: { ...web, hash: '2' },
        spec: spread({ labelSelector: { matchLabels: web, matchExpressions: [{ key: 'hash', operator: 'In', values: ['2'] }] } }),
      },
      want: { a: 'ok', b: 'ok' },
    },
    {
      name: 'constraints of the profile for Pods without their own',
      nodes: { a: inZone('1'), b: inZone('2') },
      placed: [{ on: 'a', labels: web }],
      profile: configured(
        'PodTopologySpread',
        `{defaultingType: List, defaultConstraints: [{maxSkew: 1, topologyKey: ${zone}, whenUnsatisfiable: DoNotSchedule}]}`,
      ),
      pod: { labels: web },
      want: { a: 'ok', b: 'ok' },
    },
  ])('$name', ({ want, ...scene }) => expect(verdicts(scene)).toEqual(want));
});

describe('InterPodAffinity', () => {
  const toWeb = { labelSelector: { matchLabels: web }, topologyKey: zone };
  test.each<FilterCase>([
    {
      name: 'two that wait for one another wait for ever',
      nodes: { a: inZone('1') },
      placed: [],
      pod: { labels: { app: 'api' }, spec: podTerm('podAffinity', toWeb) },
      want: { a: notNear },
    },
    {
      name: 'the first of its kind goes anywhere with the key',
      nodes: { a: inZone('1'), b: {} },
      pod: { labels: web, spec: podTerm('podAffinity', toWeb) },
      want: { a: 'ok', b: notNear },
    },
    {
      name: 'a topology key that no node has',
      nodes: { a: {}, b: {} },
      placed: [{ on: 'a', labels: web }],
      pod: { labels: web, spec: podTerm('podAffinity', { ...toWeb, topologyKey: 'rack' }) },
      want: { a: notNear, b: notNear },
    },
    {
      name: 'all terms must be met by the same Pod',
      nodes: { a: inZone('1'), b: inZone('2') },
      placed: [
        { on: 'a', labels: web },
        { on: 'a', labels: { tier: 'x' } },
        { on: 'b', labels: { ...web, tier: 'x' } },
      ],
      pod: { spec: podTerm('podAffinity', toWeb, { ...toWeb, labelSelector: { matchLabels: { tier: 'x' } } }) },
      want: { a: notNear, b: 'ok' },
    },
    {
      name: 'namespaces by name and by their labels',
      nodes: { a: inZone('1'), b: inZone('2'), c: inZone('3') },
      placed: [
        { on: 'a', labels: web },
        { on: 'b', labels: web, namespace: 'other' },
        { on: 'c', labels: web, namespace: 'third' },
      ],
      pod: {
        spec: podTerm('podAntiAffinity', {
          ...toWeb,
          namespaces: ['default'],
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'third' } },
        }),
      },
      want: { a: "node(s) didn't match pod anti-affinity rules", b: 'ok', c: "node(s) didn't match pod anti-affinity rules" },
    },
    {
      name: 'an expression leaves out Pods of the own tenant',
      nodes: { a: inZone('1'), b: inZone('2') },
      placed: [
        { on: 'a', labels: { tenant: 'me' } },
        { on: 'b', labels: { tenant: 'you' } },
      ],
      pod: {
        labels: { tenant: 'me' },
        spec: podTerm('podAntiAffinity', {
          labelSelector: {
            matchExpressions: [
              { key: 'tenant', operator: 'Exists' },
              { key: 'tenant', operator: 'NotIn', values: ['me'] },
            ],
          },
          topologyKey: zone,
        }),
      },
      want: { a: 'ok', b: "node(s) didn't match pod anti-affinity rules" },
    },
    {
      name: 'anti-affinity of others speaks against Pods that have none',
      nodes: { a: inZone('1'), b: inZone('1'), c: inZone('2') },
      placed: [{ on: 'a', labels: { app: 'db' }, spec: podTerm('podAntiAffinity', toWeb) }],
      pod: { labels: web },
      want: {
        a: "node(s) didn't satisfy existing pods anti-affinity rules",
        b: "node(s) didn't satisfy existing pods anti-affinity rules",
        c: 'ok',
      },
    },
  ])('$name', ({ want, ...scene }) => expect(verdicts(scene)).toEqual(want));

  const drawn = { affinity: { podAffinity: { [required]: [toWeb], [preferred]: [{ weight: 5, podAffinityTerm: toWeb }] } } };
  test.each<{ name: string; args: string; want: Readonly<Record<string, number>> }>([
    { name: 'terms of placed Pods draw others', args: '{}', want: { a: 100, b: 0 } },
    { name: 'unless they are ignored', args: '{ignorePreferredTermsOfExistingPods: true}', want: {} },
  ])('$name', ({ args, want }) => {
    const nodes = { a: inZone('1'), b: inZone('2') };
    const placed = [{ on: 'a', labels: web, spec: drawn }];
    expect(scores('InterPodAffinity', { nodes, placed, pod: { labels: web }, profile: configured('InterPodAffinity', args) })).toEqual(
      want,
    );
  });
});

test('ImageLocality weighs an image by how many nodes hold it', () => {
  const image = { images: [{ names: ['web:1'], sizeBytes: 600 * 1024 * 1024 }] };
  expect(scores('ImageLocality', { nodes: { a: image, b: image, c: {}, d: {} }, pod: {} })).toEqual({ a: 28, b: 28, c: 0, d: 0 });
});
