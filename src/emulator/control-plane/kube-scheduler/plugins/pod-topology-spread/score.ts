import type { TopologySpreadConstraint } from '../../../../api/generated/types.ts';
import type { TopologyCounter } from '../../cache/topology-counter.ts';
import type { Cycle, NodeScorer, NodeSet } from '../../framework.ts';
import { selectorOf, spreadCounter } from './constraints.ts';

const hostname = 'kubernetes.io/hostname';
/** The cluster's own constraints for Pods without any (systemDefaultConstraints). */
const defaults: readonly Pick<TopologySpreadConstraint, 'topologyKey' | 'maxSkew'>[] = [
  { topologyKey: hostname, maxSkew: 3 },
  { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5 },
];

interface Weighed {
  readonly counter: TopologyCounter;
  readonly maxSkew: number;
  readonly isHostname: boolean;
  weight: number;
}

/** Which nodes of the cycle at hand lack a key that the Pod's own constraints name: they score 0. */
let ignored: Uint8Array = new Uint8Array(0);

/**
 * Writes how crowded the domains of each node are: Pods in the domain, weighed by the logarithm of how many domains there
 * are. Constraints of the Pod count if they say ScheduleAnyway; a Pod without any gets the cluster's own.
 */
export function scoreSpread(cycle: Cycle, nodes: NodeSet): NodeScorer | undefined {
  const own = cycle.pod.spec.topologySpreadConstraints;
  const constraints = own && own.length > 0 ? ownConstraints(cycle) : defaultConstraints(cycle);
  if (constraints.length === 0) return undefined;
  const needsAll = own !== undefined && own.length > 0;
  ignored = markIgnored(nodes, needsAll ? constraints : []);
  for (const constraint of constraints) constraint.weight = Math.log(domainsAmong(nodes, constraint) + 2);
  return ({ indices, count }, out) => {
    for (let n = 0; n < count; n++) {
      const index = indices[n]!;
      let score = 0;
      for (const { counter, maxSkew, isHostname, weight } of constraints) {
        if (counter.domainOf[index]! < 0) continue;
        score += (isHostname ? counter.onNode[index]! : counter.near(index)) * weight + (maxSkew - 1);
      }
      out[n] = Math.round(score);
    }
  };
}

function ownConstraints({ pod, cache }: Cycle): Weighed[] {
  const soft = pod.spec.topologySpreadConstraints!.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'ScheduleAnyway');
  return soft.map((constraint) => ({
    counter: cache.counter(spreadCounter(pod.metadata.namespace!, selectorOf(constraint, pod), constraint.topologyKey)),
    maxSkew: constraint.maxSkew,
    isHostname: constraint.topologyKey === hostname,
    weight: 0,
  }));
}

function defaultConstraints({ pod, cache }: Cycle): Weighed[] {
  const selector = cache.defaultSelector(pod);
  if (!selector) return [];
  return defaults.map(({ topologyKey, maxSkew }) => ({
    counter: cache.counter(spreadCounter(pod.metadata.namespace!, selector, topologyKey)),
    maxSkew,
    isHostname: topologyKey === hostname,
    weight: 0,
  }));
}

function markIgnored({ indices, count }: NodeSet, constraints: readonly Weighed[]): Uint8Array {
  const marks = ignored.length >= count ? ignored.fill(0, 0, count) : new Uint8Array(count * 2);
  for (const { counter } of constraints) for (let n = 0; n < count; n++) if (counter.domainOf[indices[n]!]! < 0) marks[n] = 1;
  return marks;
}

let seen = new Uint8Array(64);

function domainsAmong({ indices, count }: NodeSet, { counter, isHostname }: Weighed): number {
  let number = 0;
  if (seen.length < counter.domainCount) seen = new Uint8Array(counter.domainCount * 2);
  seen.fill(0, 0, counter.domainCount);
  for (let n = 0; n < count; n++) {
    if (ignored[n]) continue;
    const domain = counter.domainOf[indices[n]!]!;
    if (isHostname) number++;
    else if (domain >= 0 && seen[domain] === 0) {
      seen[domain] = 1;
      number++;
    }
  }
  return number;
}

/** The least crowded gets the most: 100 × (most + least − score) ÷ most. */
export function normalizeSpread(scores: Float64Array, count: number): void {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (let n = 0; n < count; n++) {
    if (ignored[n]) continue;
    least = Math.min(least, scores[n]!);
    most = Math.max(most, scores[n]!);
  }
  for (let n = 0; n < count; n++) {
    if (ignored[n]) scores[n] = 0;
    else scores[n] = most === 0 ? 100 : Math.floor((100 * (most + least - scores[n]!)) / most);
  }
}
