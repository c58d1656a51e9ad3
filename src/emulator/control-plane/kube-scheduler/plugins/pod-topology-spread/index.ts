/**
 * PodTopologySpread: keeps the Pods of a selector evenly over domains (pkg/scheduler/framework/plugins/podtopologyspread).
 *
 * Counts come from the cache's counters. When a Pod may not go to every node, or a node lacks a topology key, only the nodes
 * that come into question count, and then the counts are taken anew over the nodes.
 */

import { matchesNode } from '../../../../api/core/node-selector.ts';
import { tolerates } from '../../../../api/core/toleration.ts';
import type { Pod, TopologySpreadConstraint } from '../../../../api/generated/types.ts';
import { selectorFromObject } from '../../../../machinery/labels.ts';
import type { TopologyCounter } from '../../cache/topology-counter.ts';
import type { Cycle, NodeFilter, Plugin } from '../../framework.ts';
import { rejection } from '../../framework.ts';
import { selectorOf, spreadCounter } from './constraints.ts';
import { normalizeSpread, scoreSpread } from './score.ts';

const skewed = rejection('PodTopologySpread', "node(s) didn't match pod topology spread constraints");
const unlabeled = rejection('PodTopologySpread', "node(s) didn't match pod topology spread constraints (missing required label)", {
  isUnresolvable: true,
});

/** Pods in the domain of a node, and the fewest in any domain. */
interface Domains {
  readonly counter: TopologyCounter;
  readonly near: (node: number) => number;
  readonly least: number;
  readonly number: number;
}

interface Bound extends Domains {
  readonly constraint: TopologySpreadConstraint;
  /** 1 if the Pod itself will be counted. */
  readonly self: number;
}

export const podTopologySpread: Plugin = {
  name: 'PodTopologySpread',
  weight: 2,
  preFilter(cycle) {
    const hard = cycle.pod.spec.topologySpreadConstraints?.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule');
    if (!hard || hard.length === 0) return undefined;
    return { filter: filterOf(boundsOf(cycle, hard)) };
  },
  preScore: scoreSpread,
  normalize: normalizeSpread,
  requeueOn: ['NodeAdded', 'NodeLabelsChanged', 'NodeTaintsChanged', 'PodAssigned', 'PodDeleted', 'PodLabelsChanged'],
};

function filterOf(bounds: readonly Bound[]): NodeFilter {
  return (index) => {
    for (const { counter, near, least, number, constraint, self } of bounds) {
      if (counter.domainOf[index]! < 0) return unlabeled;
      // With fewer domains than minDomains the global minimum is taken as 0.
      const minimum = number < (constraint.minDomains ?? 1) ? 0 : least;
      if (near(index) + self - minimum > constraint.maxSkew) return skewed;
    }
    return undefined;
  };
}

function boundsOf(cycle: Cycle, constraints: readonly TopologySpreadConstraint[]): Bound[] {
  const { pod, cache } = cycle;
  const namespace = pod.metadata.namespace!;
  const counters = constraints.map((constraint) =>
    cache.counter(spreadCounter(namespace, selectorOf(constraint, pod), constraint.topologyKey)),
  );
  const isOpen =
    constraints.every((constraint) => countsAllNodes(pod, constraint, cache.tainted)) &&
    counters.every((counter) => counter.unlabeled === 0);
  return constraints.map((constraint, i) => {
    const counter = counters[i]!;
    const domains: Domains = isOpen
      ? { counter, near: (node) => counter.near(node), least: counter.least(), number: counter.domains }
      : recount(cycle, constraint, counter, counters);
    const self = selectorFromObject(selectorOf(constraint, pod)).matches(pod.metadata.labels) ? 1 : 0;
    return { ...domains, constraint, self };
  });
}

/** Whether no policy leaves any node out. */
function countsAllNodes({ spec }: Pod, constraint: TopologySpreadConstraint, tainted: number): boolean {
  const isBound =
    spec.nodeSelector !== undefined || spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution !== undefined;
  return (constraint.nodeAffinityPolicy === 'Ignore' || !isBound) && (constraint.nodeTaintsPolicy !== 'Honor' || tainted === 0);
}

/** Whether a node's Pods and domain count for a constraint. */
export function countsNode({ pod, cache }: Cycle, constraint: TopologySpreadConstraint, index: number): boolean {
  const { node } = cache.nodes[index]!;
  if (constraint.nodeAffinityPolicy !== 'Ignore' && !matchesNode(pod, node)) return false;
  if (constraint.nodeTaintsPolicy !== 'Honor') return true;
  return (node.spec?.taints ?? []).every((taint) => taint.effect === 'PreferNoSchedule' || tolerates(pod.spec.tolerations, taint));
}

function recount(cycle: Cycle, constraint: TopologySpreadConstraint, counter: TopologyCounter, all: readonly TopologyCounter[]): Domains {
  const pods = new Int32Array(counter.domainCount).fill(-1);
  for (let node = 0; node < cycle.cache.nodes.length; node++) {
    if (!all.every(({ domainOf }) => domainOf[node]! >= 0) || !countsNode(cycle, constraint, node)) continue;
    const domain = counter.domainOf[node]!;
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
