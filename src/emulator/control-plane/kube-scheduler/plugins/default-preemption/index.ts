/**
 * DefaultPreemption: removes Pods of lower priority where that makes room (pkg/scheduler/framework/preemption).
 *
 * On every node where it could help, all Pods of lower priority are taken away in thought; if the Pod then fits, as many as
 * possible are put back, the most important first, Pods that their disruption budget protects before others. The node whose
 * victims matter least is nominated and its victims are deleted.
 *
 * Differs from Kubernetes: every node that could help is looked at, where upstream stops after a tenth of them, at least 100.
 */
import type { Pod } from '../../../../api/generated/types.ts';
import type { Call } from '../../../../kernel/index.ts';
import type { PlacedPod } from '../../cache/node-cache.ts';
import { explain } from '../../fit-error.ts';
import type { Cycle, Plugin, PostFilterResult, PostFilterTools, Rejection } from '../../framework.ts';
import { rejection } from '../../framework.ts';
import type { Candidate } from './choice.ts';
import { cheapest } from './choice.ts';

const name = 'DefaultPreemption';
const noVictims = rejection(name, 'No preemption victims found for incoming pod', { isUnresolvable: true });
const notHelpful = 'Preemption is not helpful for scheduling';

export const priorityOf = (pod: Pod): number => pod.spec.priority ?? 0;

export const defaultPreemption: Plugin = {
  name,
  postFilter: (cycle, rejections, tools) => preempt(cycle, rejections, tools),
};

function* preempt(cycle: Cycle, rejections: ReadonlyMap<number, Rejection>, tools: PostFilterTools): Call<PostFilterResult> {
  const { pod, cache } = cycle;
  const obstacle = ineligible(cycle, rejections);
  if (obstacle) return { nominatedNode: undefined, message: `preemption: ${obstacle}` };
  const candidates: Candidate[] = [];
  const failures = new Map<number, Rejection>();
  for (const [node, { isUnresolvable }] of rejections) {
    if (isUnresolvable) continue;
    const found = victimsOn(cycle, node, tools);
    if ('reasons' in found) failures.set(node, found);
    else candidates.push(found);
  }
  const best = cheapest(candidates);
  if (!best) {
    const message = explain(cache.nodes.length, failures.values(), { absent: notHelpful, absentCount: cache.nodes.length - failures.size });
    return { nominatedNode: '', message: `preemption: ${message}` };
  }
  for (const victim of best.victims) {
    if (!victim.metadata.deletionTimestamp) yield* tools.preempt(victim, pod, best.nodeName);
  }
  yield* tools.clearNominations(best.nodeName, priorityOf(pod));
  return { nominatedNode: best.nodeName, message: '' };
}

/** Why the Pod may not preempt others now. */
function ineligible({ pod, cache }: Cycle, rejections: ReadonlyMap<number, Rejection>): string | undefined {
  if (pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const nominated = pod.status?.nominatedNodeName;
  const info = nominated ? cache.info(nominated) : undefined;
  if (!info || rejections.get(info.index)?.isUnresolvable) return undefined;
  for (const { pod: other } of info.pods) {
    if (priorityOf(other) < priorityOf(pod) && isBeingPreempted(other))
      return 'not eligible due to a terminating pod on the nominated node.';
  }
  return undefined;
}

function isBeingPreempted(pod: Pod): boolean {
  if (!pod.metadata.deletionTimestamp) return false;
  const condition = pod.status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
  return condition?.status === 'True' && condition.reason === 'PreemptionByScheduler';
}

function victimsOn(cycle: Cycle, node: number, tools: PostFilterTools): Candidate | Rejection {
  const { pod, cache } = cycle;
  const info = cache.nodes[node]!;
  const potential = [...info.pods].filter((placed) => priorityOf(placed.pod) < priorityOf(pod));
  if (potential.length === 0) return noVictims;
  for (const placed of potential) cache.suspend(placed);
  const still = tools.filterNode(cycle, node);
  if (still) {
    for (const placed of potential) cache.restore(placed);
    return still;
  }
  potential.sort((a, b) => moreImportant(a.pod, b.pod));
  const violations = tools.violatesBudget(potential.map(({ pod: victim }) => victim));
  const victims: PlacedPod[] = [];
  let violated = 0;
  const reprieve = (placed: PlacedPod): boolean => {
    cache.restore(placed);
    if (!tools.filterNode(cycle, node)) return true;
    cache.suspend(placed);
    victims.push(placed);
    return false;
  };
  potential.forEach((placed, i) => {
    if (violations[i] && !reprieve(placed)) violated++;
  });
  potential.forEach((placed, i) => {
    if (!violations[i]) reprieve(placed);
  });
  for (const placed of victims) cache.restore(placed);
  return { nodeName: info.name, victims: victims.map(({ pod: victim }) => victim).sort(moreImportant), violated };
}

/** Higher priority first, then who started earlier (pkg/scheduler/util, MoreImportantPod). */
function moreImportant(a: Pod, b: Pod): number {
  if (priorityOf(a) !== priorityOf(b)) return priorityOf(b) - priorityOf(a);
  const startA = a.status?.startTime ?? '~';
  const startB = b.status?.startTime ?? '~';
  return startA < startB ? -1 : startA > startB ? 1 : 0;
}
