/** Nodes, Pods on them and a Pod that asks, on a cache alone, for tests of single plugins. */
import type { Node, Pod } from '../../../api/generated/types.ts';
import { Random } from '../../../kernel/index.ts';
import { NodeCache } from '../cache/node-cache.ts';
import { parseConfiguration } from '../configuration/load.ts';
import type { Cycle, Rejection } from '../framework.ts';
import { Placement } from '../placement.ts';
import type { Profile } from '../profile.ts';
import { makeProfiles } from '../profile.ts';
import { inTreePlugins } from './index.ts';

export const zone = 'topology.kubernetes.io/zone';
const host = 'kubernetes.io/hostname';
export const required = 'requiredDuringSchedulingIgnoredDuringExecution';
export const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';

export interface NodeSpec {
  readonly labels?: Readonly<Record<string, string>>;
  readonly allocatable?: Readonly<Record<string, string>>;
  readonly taints?: readonly object[];
  readonly unschedulable?: boolean;
  readonly images?: readonly object[];
}

export const makeNode = (name: string, { labels, allocatable, taints, unschedulable, images }: NodeSpec = {}): Node =>
  ({
    metadata: { name, labels: { [host]: name, ...labels } },
    spec: { taints, unschedulable },
    status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110', ...allocatable }, images },
  }) as unknown as Node;

export interface PodSpec {
  readonly on?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly namespace?: string;
  readonly spec?: object;
}

let serial = 0;
export const makePod = ({ on, labels = {}, namespace = 'default', spec }: PodSpec = {}): Pod =>
  ({
    metadata: { name: `p${++serial}`, uid: `u${serial}`, namespace, labels },
    spec: { containers: [{ name: 'c', image: 'web:1' }], nodeName: on, ...spec },
  }) as unknown as Pod;

export const requests = (cpu: string, memory = '0', more: object = {}) => ({
  containers: [{ name: 'c', image: 'web:1', resources: { requests: { cpu, memory, ...more } } }],
});

export const configured = (plugin: string, args: string): Profile =>
  makeProfiles(
    parseConfiguration(
      `apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nprofiles:\n- pluginConfig:\n  - name: ${plugin}\n    args: ${args}\n`,
    ),
    inTreePlugins,
    undefined as never,
  )[0]!;
export const ordinary = configured('NodeAffinity', '{}');

export interface Scene {
  readonly nodes: Readonly<Record<string, NodeSpec>>;
  readonly placed?: readonly PodSpec[];
  readonly pod: PodSpec;
  readonly profile?: Profile;
}

export function setUp({ nodes, placed = [], pod, profile = ordinary }: Scene): { readonly cycle: Cycle; readonly placement: Placement } {
  const cache = new NodeCache();
  cache.namespaceLabels = (name) => ({ 'kubernetes.io/metadata.name': name, team: name === 'default' ? 'a' : 'b' });
  for (const name in nodes) cache.setNode(makeNode(name, nodes[name]));
  for (const one of placed) {
    const made = makePod(one);
    for (const plugin of profile.plugins) plugin.podSeen?.(made, cache);
    cache.place(made, one.on!);
  }
  const asked = makePod(pod);
  return { cycle: { pod: asked, podClass: cache.classOf(asked), cache }, placement: new Placement(profile, new Random(1)) };
}

/** By node: `ok`, or the reasons, with a `!` where taking Pods away would not help. */
export function verdicts(scene: Scene): Readonly<Record<string, string>> {
  const { cycle, placement } = setUp(scene);
  const { plans, rejection, nodes } = placement.plan(cycle);
  const textOf = ({ reasons, isUnresolvable }: Rejection): string => `${isUnresolvable ? '!' : ''}${reasons.join(', ')}`;
  if (rejection) return { all: textOf(rejection) };
  const found: Record<string, string> = {};
  for (const { name, index } of cycle.cache.nodes) {
    if (nodes && !nodes.has(name)) continue;
    let why: Rejection | undefined;
    for (const { filter } of plans) if ((why = filter?.(index))) break;
    found[name] = why ? textOf(why) : 'ok';
  }
  return found;
}

/** What a plugin gives each node that passes. */
export function scores(plugin: string, scene: Scene): Readonly<Record<string, number>> {
  const { cycle, placement } = setUp(scene);
  placement.findFeasible(cycle, placement.plan(cycle).plans, { add: () => {} });
  const names = Array.from(placement.feasible.indices.subarray(0, placement.feasible.count), (index) => cycle.cache.nodes[index]!.name);
  let given: readonly number[] = [];
  placement.best(cycle, (one) => {
    if (one.plugin === plugin) given = one.scores;
  });
  return Object.fromEntries(given.map((score, i) => [names[i]!, score]));
}

export const podTerm = (which: 'podAffinity' | 'podAntiAffinity', ...terms: object[]) => ({ affinity: { [which]: { [required]: terms } } });
export const spread = (constraint: object) => ({
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: zone, whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } }, ...constraint },
  ],
});
export const web = { app: 'web' };
export const inZone = (name: string): NodeSpec => ({ labels: { [zone]: name } });
export const port = (hostPort: number, hostIP?: string, protocol = 'TCP') => ({
  containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort, hostIP, protocol }] }],
});
