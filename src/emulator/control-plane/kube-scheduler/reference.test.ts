/** Filters and scores agree with the slow reference, whatever has happened in between. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LabelSelector, Node, Pod } from '../../api/generated/types.ts';
import { Random } from '../../kernel/index.ts';
import { NodeCache } from './cache/node-cache.ts';
import { defaultConfiguration } from './configuration/load.ts';
import type { Cycle, Rejection } from './framework.ts';
import type { PluginScores } from './placement.ts';
import { Placement } from './placement.ts';
import { inTreePlugins } from './plugins/index.ts';
import { makeProfiles } from './profile.ts';
import type { World } from './reference-testing.ts';
import { refusal, scoresOf } from './reference-testing.ts';

const zone = 'topology.kubernetes.io/zone';
const labelsOfNamespaces: Readonly<Record<string, Readonly<Record<string, string>>>> = { default: { team: 'a' }, other: { team: 'b' } };

const apps = fc.constantFrom('x', 'y', 'z');
const selector: fc.Arbitrary<LabelSelector | undefined> = fc.oneof(
  apps.map((app) => ({ matchLabels: { app } })),
  fc.constantFrom<LabelSelector | undefined>({}, undefined, { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['x'] }] }),
);
const topologyKey = fc.constantFrom('kubernetes.io/hostname', zone, 'rack');

const node = fc.record({
  zone: fc.constantFrom(undefined, 'a', 'b'),
  rack: fc.constantFrom(undefined, '1', '2'),
  disk: fc.constantFrom('ssd', 'hdd'),
  cpu: fc.constantFrom('1', '2', '4'),
  memory: fc.constantFrom('1Gi', '4Gi'),
  pods: fc.constantFrom('2', '110'),
  gpu: fc.constantFrom(undefined, '2'),
  isCordoned: fc.constantFrom(false, false, false, true),
  taint: fc.constantFrom(undefined, undefined, 'NoSchedule', 'PreferNoSchedule'),
  hasImage: fc.boolean(),
});

const term = fc.record({
  labelSelector: selector,
  topologyKey,
  namespaces: fc.constantFrom(undefined, ['other'], ['default', 'other']),
  namespaceSelector: fc.constantFrom(undefined, undefined, {}, { matchLabels: { team: 'b' } }),
});
const few = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant<T[]>([]) }, fc.array(one, { maxLength: 2 }));
const preferred = few(fc.record({ weight: fc.constantFrom(1, 50, 100), podAffinityTerm: term }));
const constraint = fc.record({
  topologyKey,
  labelSelector: selector,
  maxSkew: fc.constantFrom(1, 2),
  minDomains: fc.constantFrom(undefined, 3),
  whenUnsatisfiable: fc.constantFrom('DoNotSchedule', 'ScheduleAnyway'),
  nodeAffinityPolicy: fc.constantFrom(undefined, 'Ignore', 'Honor'),
  nodeTaintsPolicy: fc.constantFrom(undefined, 'Ignore', 'Honor'),
});

const pod = fc.record({
  app: apps,
  namespace: fc.constantFrom('default', 'default', 'other'),
  cpu: fc.constantFrom(undefined, '100m', '700m'),
  memory: fc.constantFrom(undefined, '128Mi', '1Gi'),
  gpu: fc.constantFrom(undefined, undefined, '1'),
  hostPort: fc.constantFrom(undefined, undefined, undefined, 80),
  hostIP: fc.constantFrom(undefined, '10.0.0.1', '10.0.0.2'),
  disk: fc.constantFrom(undefined, undefined, 'ssd'),
  likes: fc.constantFrom(undefined, 'ssd', 'hdd'),
  tolerates: fc.boolean(),
  isTerminating: fc.constantFrom(false, false, false, true),
  near: few(term),
  apart: few(term),
  wantsNear: preferred,
  wantsApart: preferred,
  spread: few(constraint),
});

type Described<A> = A extends fc.Arbitrary<infer T> ? T : never;

function makeNode(name: string, it: Described<typeof node>): Node {
  const labels: Record<string, string> = { 'kubernetes.io/hostname': name, disk: it.disk };
  if (it.zone) labels[zone] = it.zone;
  if (it.rack) labels.rack = it.rack;
  const allocatable: Record<string, string> = { cpu: it.cpu, memory: it.memory, pods: it.pods };
  if (it.gpu) allocatable['example.com/gpu'] = it.gpu;
  const taints = it.taint ? [{ key: 'k', value: 'v', effect: it.taint }] : undefined;
  const images = it.hasImage ? [{ names: ['web:1'], sizeBytes: 500 * 1024 * 1024 }] : [];
  return {
    metadata: { name, labels },
    spec: { unschedulable: it.isCordoned || undefined, taints },
    status: { allocatable, images },
  } as unknown as Node;
}

function makePod(uid: string, it: Described<typeof pod>): Pod {
  const requests = Object.fromEntries(
    Object.entries({ cpu: it.cpu, memory: it.memory, 'example.com/gpu': it.gpu }).filter(([, value]) => value !== undefined),
  );
  const preference = it.likes && { matchExpressions: [{ key: 'disk', operator: 'In', values: [it.likes] }] };
  const [required, wanted] = ['requiredDuringSchedulingIgnoredDuringExecution', 'preferredDuringSchedulingIgnoredDuringExecution'];
  return {
    metadata: { name: uid, namespace: it.namespace, uid, labels: { app: it.app }, deletionTimestamp: it.isTerminating ? 'now' : undefined },
    spec: {
      containers: [
        { name: 'c', image: 'web:1', resources: { requests }, ports: it.hostPort ? [{ hostPort: it.hostPort, hostIP: it.hostIP }] : [] },
      ],
      nodeSelector: it.disk ? { disk: it.disk } : undefined,
      tolerations: it.tolerates ? [{ key: 'k', operator: 'Exists' }] : undefined,
      topologySpreadConstraints: it.spread.length > 0 ? it.spread : undefined,
      affinity: {
        nodeAffinity: preference ? { [wanted!]: [{ weight: 10, preference }] } : undefined,
        podAffinity: { [required!]: it.near, [wanted!]: it.wantsNear },
        podAntiAffinity: { [required!]: it.apart, [wanted!]: it.wantsApart },
      },
    },
  } as unknown as Pod;
}

/** A cache and the same as plain lists. */
class Both {
  readonly cache = new NodeCache();
  readonly profile = makeProfiles(defaultConfiguration(), inTreePlugins, undefined as never)[0]!;
  readonly placement = new Placement(this.profile, new Random(1));
  readonly nodes = new Map<string, Node>();
  readonly pods = new Map<string, { readonly pod: Pod; readonly nodeName: string }>();
  /** Only of Pods of this app it is known what belongs together. */
  readonly #defaults: LabelSelector = { matchLabels: { app: 'x' } };

  constructor() {
    this.cache.namespaceLabels = (name) => labelsOfNamespaces[name];
    this.cache.defaultSelector = ({ metadata }) => (metadata.labels?.app === 'x' ? this.#defaults : undefined);
  }

  get world(): World {
    return {
      nodes: [...this.nodes.values()].map((one) => ({
        node: one,
        pods: [...this.pods.values()].filter(({ nodeName }) => nodeName === one.metadata.name).map(({ pod: placed }) => placed),
      })),
      namespaceLabels: this.cache.namespaceLabels,
      defaultSelector: this.cache.defaultSelector,
    };
  }

  setNode(one: Node): void {
    this.nodes.set(one.metadata.name, one);
    this.cache.setNode(one);
  }

  removeNode(name: string): void {
    this.nodes.delete(name);
    this.cache.removeNode(name);
  }

  place(one: Pod, nodeName: string): void {
    for (const plugin of this.profile.plugins) plugin.podSeen?.(one, this.cache);
    this.pods.set(one.metadata.uid, { pod: one, nodeName });
    this.cache.place(one, nodeName);
  }

  remove(uid: string): void {
    const known = this.pods.get(uid);
    if (known) this.cache.remove({ ...known.pod, spec: { ...known.pod.spec, nodeName: known.nodeName } });
    this.pods.delete(uid);
  }

  /** Asks both about a Pod. */
  compare(asked: Pod): void {
    const { world, cache, placement } = this;
    const cycle: Cycle = { pod: asked, podClass: cache.classOf(asked), cache };
    const rejections = new Map<string, Rejection>();
    placement.findFeasible(cycle, placement.plan(cycle).plans, { add: (index, why) => void rejections.set(cache.nodes[index]!.name, why) });
    const verdicts = world.nodes.map((place) => [place.node.metadata.name, refusal(asked, place, world)] as const);
    const shown = verdicts.map(([name]) => {
      const why = rejections.get(name);
      return [name, why && [why.plugin, ...why.reasons]] as const;
    });
    expect(shown).toEqual(verdicts);
    const passed = Array.from(placement.feasible.indices.subarray(0, placement.feasible.count), (index) => cache.nodes[index]!.name);
    if (passed.length < 2) return;
    const places = passed.map((name) => world.nodes.find((place) => place.node.metadata.name === name)!);
    const wanted = scoresOf(asked, places, world);
    const given = new Map<string, PluginScores>();
    placement.best(cycle, (scores) => void given.set(scores.plugin, scores));
    for (const [plugin, scores] of wanted) {
      const silent = this.profile.scorers.find((one) => one.plugin.name === plugin)!.plugin.silentScore ?? 0;
      expect([plugin, given.get(plugin)?.scores ?? passed.map(() => silent)]).toEqual([plugin, scores]);
    }
    for (const plugin of given.keys()) expect(wanted.has(plugin)).toBe(true);
    // Without a record the scores that were found out before are remembered, and have to be as good.
    const totals = passed.map((_, n) => [...given.values()].reduce((sum, { weight, scores }) => sum + weight * scores[n]!, 0));
    const winner = passed.indexOf(cache.nodes[placement.best(cycle)]!.name);
    expect(totals[winner]).toBe(Math.max(...totals));
  }
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('place' as const), pod, at: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('remove' as const), at: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('change' as const), node, at: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('lose' as const), at: fc.nat(6) }) },
);

test('filters and scores are those of the reference after every step', () => {
  fc.assert(
    fc.property(
      fc.array(node, { minLength: 1, maxLength: 6 }),
      fc.array(step, { maxLength: 14 }),
      fc.array(pod, { minLength: 2, maxLength: 3 }),
      (nodes, steps, asked) => {
        const both = new Both();
        for (const [i, one] of nodes.entries()) both.setNode(makeNode(`n${i}`, one));
        const queries = asked.map((one, i) => makePod(`q${i}`, one));
        let serial = 0;
        for (const one of steps) {
          const names = [...both.nodes.keys()];
          const name = names[one.at % Math.max(1, names.length)];
          if (one.type === 'place' && name) both.place(makePod(`p${serial++}`, one.pod), name);
          else if (one.type === 'remove') both.remove(`p${one.at}`);
          else if (one.type === 'change' && name) both.setNode(makeNode(name, one.node));
          else if (one.type === 'lose' && name && both.nodes.size > 1) {
            for (const [uid, { nodeName }] of both.pods) if (nodeName === name) both.remove(uid);
            both.removeNode(name);
          }
          for (const query of queries) both.compare(query);
        }
        for (const query of queries) both.compare(query);
      },
    ),
    { numRuns: 250, seed: 34 },
  );
});
