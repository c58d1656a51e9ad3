import { matchesNode } from '../../../../api/core/node-selector.ts';
import { tolerates } from '../../../../api/core/toleration.ts';
import type { Pod, TopologySpreadConstraint } from '../../../../api/generated/types.ts';
import type { TopologyCounter } from '../../cache/topology-counter.ts';
import type { Cycle } from '../../framework.ts';
import type { Constraint } from './constraints.ts';

/** Pods in the domain of a node, the fewest in any domain, and how many domains there are. */
export interface Domains {
  readonly counter: TopologyCounter;
  readonly near: (node: number) => number;
  readonly least: number;
  readonly number: number;
}

/**
 * The domains of each constraint. Only nodes that the constraint's policies let in count, and with `needsAllKeys` only those
 * that have the topology keys of all the constraints.
 */
export function domainsOf(cycle: Cycle, constraints: readonly Constraint[], needsAllKeys: boolean): readonly Domains[] {
  const { pod, cache } = cycle;
  const counters = constraints.map(({ counter }) => cache.counter(counter));
  const isOpen =
    constraints.every(({ constraint }) => countsAllNodes(pod, constraint, cache.tainted)) &&
    (!needsAllKeys || counters.every((counter) => counter.unlabeled === 0));
  return constraints.map(({ constraint }, i) => {
    const counter = counters[i]!;
    if (!isOpen) return recount(cycle, constraint, counter, needsAllKeys ? counters : []);
    return { counter, near: (node) => counter.near(node), least: counter.least(), number: counter.domains };
  });
}

/** Whether no policy leaves any node out. */
function countsAllNodes({ spec }: Pod, constraint: TopologySpreadConstraint, tainted: number): boolean {
  const isBound =
    spec.nodeSelector !== undefined || spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution !== undefined;
  return (constraint.nodeAffinityPolicy === 'Ignore' || !isBound) && (constraint.nodeTaintsPolicy !== 'Honor' || tainted === 0);
}

/** Whether a node's Pods and domain count for a constraint (matchNodeInclusionPolicies). */
function countsNode({ pod, cache }: Cycle, constraint: TopologySpreadConstraint, index: number): boolean {
  const { node } = cache.nodes[index]!;
  if (constraint.nodeAffinityPolicy !== 'Ignore' && !matchesNode(pod, node)) return false;
  if (constraint.nodeTaintsPolicy !== 'Honor') return true;
  return (node.spec?.taints ?? []).every((taint) => taint.effect === 'PreferNoSchedule' || tolerates(pod.spec.tolerations, taint));
}

function recount(cycle: Cycle, constraint: TopologySpreadConstraint, counter: TopologyCounter, all: readonly TopologyCounter[]): Domains {
  const pods = new Int32Array(counter.domainCount).fill(-1);
  for (let node = 0; node < cycle.cache.nodes.length; node++) {
    const domain = counter.domainOf[node]!;
    if (domain < 0 || !all.every(({ domainOf }) => domainOf[node]! >= 0) || !countsNode(cycle, constraint, node)) continue;
    pods[domain] = Math.max(0, pods[domain]!) + counter.onNode[node]!;
  }
  let least = Number.POSITIVE_INFINITY;
  let number = 0;
  for (const count of pods) {
    if (count < 0) continue;
    number++;
    least = Math.min(least, count);
  }
  return { counter, near: (node) => Math.max(0, pods[counter.domainOf[node]!] ?? 0), least: number === 0 ? 0 : least, number };
}
