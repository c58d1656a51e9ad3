/**
 * DefaultPreemption: removes Pods of lower priority where that makes room (pkg/scheduler/framework/preemption).
 *
 * On nodes where it could help, all Pods of lower priority are taken away in thought; if the Pod then fits, as many as
 * possible are put back, the most important first, Pods that their disruption budget protects before others. The node whose
 * victims matter least is nominated, and its victims are deleted while other Pods are scheduled. Until that is done the Pod
 * itself is kept out of the queue.
 */
import type { Pod } from '../../../../api/generated/types.ts';
import type { Call, Random } from '../../../../kernel/index.ts';
import type { PlacedPod } from '../../cache/node-cache.ts';
import type { DefaultPreemptionArgs } from '../../configuration/plugin-args.ts';
import { explain } from '../../fit-error.ts';
import type { Cycle, NodeRejections, Plugin, PluginFactory, PostFilterResult, PostFilterTools, Rejection } from '../../framework.ts';
import { rejection } from '../../framework.ts';
import type { Candidate } from './choice.ts';
import { candidate, cheapest } from './choice.ts';
import { KnownVictims } from './known-victims.ts';

const name = 'DefaultPreemption';
const noVictims = rejection(name, 'No preemption victims found for incoming pod', { isUnresolvable: true });
const notHelpful = 'Preemption is not helpful for scheduling';
const isUnderWay = rejection(name, 'waiting for the preemption for this pod to be finished', { isUnresolvable: true });

const priorityOf = (pod: Pod): number => pod.spec.priority ?? 0;

function* preempt(
  cycle: Cycle,
  rejections: NodeRejections,
  tools: PostFilterTools,
  { args, known }: { readonly args: DefaultPreemptionArgs; readonly known: KnownVictims },
): Call<PostFilterResult> {
  const { pod, cache } = cycle;
  const obstacle = ineligible(cycle, rejections);
  if (obstacle) return { nominatedNode: undefined, message: `preemption: ${obstacle}`, isSuccess: false };
  const victimsOf = known.with(cycle, tools, victimsOn);
  const { candidates, failures } = findCandidates(rejections, tools.kernel.random, args, victimsOf);
  const asked = candidates.length === 0 ? undefined : yield* tools.askExtenders(pod, candidates);
  if (typeof asked === 'string') return { nominatedNode: undefined, message: `preemption: ${asked}`, isSuccess: false, isError: true };
  if (asked?.length === 0) return { nominatedNode: undefined, message: 'preemption: no candidate node for preemption', isSuccess: false };
  const best = cheapest(asked?.map(({ nodeName, victims, violated }) => candidate(nodeName, victims, violated)) ?? candidates);
  if (!best) {
    const absentCount = cache.nodes.length - failures.size;
    const message = explain(cache.nodes.length, failures, { absent: notHelpful, absentCount });
    return { nominatedNode: '', message: `preemption: ${message}`, isSuccess: false };
  }
  tools.evict(pod, best.nodeName, best.victims);
  return { nominatedNode: best.nodeName, message: '', isSuccess: true };
}

/** Why the Pod may not preempt others now. */
function ineligible({ pod, cache }: Cycle, rejections: NodeRejections): string | undefined {
  if (pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const nominated = pod.status?.nominatedNodeName;
  const info = nominated ? cache.info(nominated) : undefined;
  if (!info || rejections.get(info.index)?.isUnresolvable) return undefined;
  for (const { pod: other, priority } of info.pods) {
    if (priority < priorityOf(pod) && isBeingPreempted(other)) return 'not eligible due to a terminating pod on the nominated node.';
  }
  return undefined;
}

function isBeingPreempted(pod: Pod): boolean {
  if (!pod.metadata.deletionTimestamp) return false;
  const condition = pod.status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
  return condition?.status === 'True' && condition.reason === 'PreemptionByScheduler';
}

interface Found {
  readonly candidates: readonly Candidate[];
  /** Why it would not help, by node. */
  readonly failures: ReadonlyMap<number, Rejection>;
}

/** Looks from a random node on until there are candidates enough, one of which must violate no budget (DryRunPreemption). */
function findCandidates(
  rejections: NodeRejections,
  random: Random,
  { minCandidateNodesPercentage, minCandidateNodesAbsolute }: DefaultPreemptionArgs,
  victimsOf: (node: number) => Candidate | Rejection,
): Found {
  const potential: number[] = [];
  rejections.forEach(({ isUnresolvable }, node) => {
    if (!isUnresolvable) potential.push(node);
  });
  const candidates: Candidate[] = [];
  const failures = new Map<number, Rejection>();
  if (potential.length === 0) return { candidates, failures };
  const offset = random.below(potential.length);
  const share = Math.floor((potential.length * minCandidateNodesPercentage) / 100);
  const enough = Math.min(potential.length, Math.max(share, minCandidateNodesAbsolute));
  let harmless = 0;
  for (let i = 0; i < potential.length && (candidates.length < enough || harmless === 0); i++) {
    const node = potential[(offset + i) % potential.length]!;
    const found = victimsOf(node);
    if ('reasons' in found) failures.set(node, found);
    else {
      candidates.push(found);
      if (found.violated === 0) harmless++;
    }
  }
  return { candidates, failures };
}

/** SelectVictimsOnNode. */
function victimsOn(cycle: Cycle, node: number, tools: PostFilterTools): Candidate | Rejection {
  const { pod, cache } = cycle;
  const info = cache.nodes[node]!;
  const potential: PlacedPod[] = [];
  const priority = priorityOf(pod);
  for (const placed of info.pods) if (placed.priority < priority) potential.push(placed);
  if (potential.length === 0) return noVictims;
  for (const placed of potential) cache.suspend(placed);
  const still = tools.filterNode(cycle, node);
  if (still) {
    for (const placed of potential) cache.restore(placed);
    return still;
  }
  potential.sort(moreImportant);
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
  victims.sort(moreImportant);
  return candidate(
    info.name,
    victims.map(({ pod: victim }) => victim),
    violated,
  );
}

/** Higher priority first, then who started earlier (pkg/scheduler/util, MoreImportantPod). */
function moreImportant(a: PlacedPod, b: PlacedPod): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  const startA = a.pod.status?.startTime ?? '~';
  const startB = b.pod.status?.startTime ?? '~';
  return startA < startB ? -1 : startA > startB ? 1 : 0;
}

const make = (args: DefaultPreemptionArgs): Plugin => {
  let tools: PostFilterTools | undefined;
  const known = new KnownVictims();
  return {
    name,
    preEnqueue: ({ metadata }) => (tools?.isPreempting(metadata.uid) ? isUnderWay : undefined),
    postFilter(cycle, rejections, given) {
      tools = given;
      return preempt(cycle, rejections, given, { args, known });
    },
    wakes: { 'AssignedPod/Delete': true },
  };
};

/** Makes room for Pods of higher priority. */
export const defaultPreemption: PluginFactory = {
  name,
  points: ['preEnqueue', 'postFilter'],
  make: (args) => make(args as DefaultPreemptionArgs),
};
