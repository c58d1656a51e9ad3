/** Which Pods go first when there are too many (pkg/controller/controller_utils.go, ActivePodsWithRanks). */
import type { Pod } from '../../api/generated/types.ts';
import type { WallClock } from '../../kernel/index.ts';
import { isPodReady, podCondition } from './pod-state.ts';

const deletionCost = 'controller.kubernetes.io/pod-deletion-cost';
const phases: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

interface Ranked {
  readonly pod: Pod;
  /** How many Pods of the same family are on its node. */
  readonly rank: number;
}

/**
 * The `count` of the Pods that are deleted first: without a node, pending, not ready, cheap by annotation, doubled up on a
 * node, ready for a short time, often restarted, young. Times are compared by their order of magnitude, and then by UID.
 */
export function podsToDelete(
  pods: readonly Pod[],
  related: Iterable<Pod>,
  count: number,
  now: { readonly clock: WallClock; readonly ms: number },
): Pod[] {
  if (count >= pods.length) return [...pods];
  const onNode = new Map<string, number>();
  for (const { spec } of related) if (spec.nodeName) onNode.set(spec.nodeName, (onNode.get(spec.nodeName) ?? 0) + 1);
  const ranked: Ranked[] = pods.map((pod) => ({ pod, rank: onNode.get(pod.spec.nodeName ?? '') ?? 0 }));
  const order = mergeSorted(ranked, (a, b) => compare(a, b, now));
  return order.slice(0, count).map(({ pod }) => pod);
}

/**
 * Sorted in an order of its own making: upstream's comparison is not transitive (equal times look further, others of one magnitude
 * do not), and what an engine's sort makes of such a one differs between Node and browsers.
 */
function mergeSorted<T>(list: readonly T[], order: (a: T, b: T) => number): readonly T[] {
  if (list.length < 2) return list;
  const half = list.length >> 1;
  const left = mergeSorted(list.slice(0, half), order);
  const right = mergeSorted(list.slice(half), order);
  const merged: T[] = [];
  for (let i = 0, j = 0; i < left.length || j < right.length; ) {
    const isRightNext = i === left.length || (j < right.length && order(left[i]!, right[j]!) > 0);
    merged.push(isRightNext ? right[j++]! : left[i++]!);
  }
  return merged;
}

function compare(a: Ranked, b: Ranked, now: { readonly clock: WallClock; readonly ms: number }): number {
  const unassigned = Number(Boolean(a.pod.spec.nodeName)) - Number(Boolean(b.pod.spec.nodeName));
  if (unassigned !== 0) return unassigned;
  const phase = phaseOf(a.pod) - phaseOf(b.pod);
  if (phase !== 0) return phase;
  const ready = Number(isPodReady(a.pod)) - Number(isPodReady(b.pod));
  if (ready !== 0) return ready;
  const cost = costOf(a.pod) - costOf(b.pod);
  if (cost !== 0) return cost;
  if (a.rank !== b.rank) return b.rank - a.rank;
  if (isPodReady(a.pod)) {
    const since = byAge(readyTime(a.pod), readyTime(b.pod), a.pod, b.pod, now);
    if (since !== 0) return since;
  }
  const restarts = restartsOf(b.pod) - restartsOf(a.pod);
  if (restarts !== 0) return restarts;
  return byAge(a.pod.metadata.creationTimestamp, b.pod.metadata.creationTimestamp, a.pod, b.pod, now);
}

/** The younger first, by the logarithm of the age (feature LogarithmicScaleDown); equal ages are settled by UID. */
function byAge(
  a: string | undefined,
  b: string | undefined,
  podA: Pod,
  podB: Pod,
  { clock, ms }: { readonly clock: WallClock; readonly ms: number },
): number {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  const difference = magnitude(ms - clock.virtualMs(a)) - magnitude(ms - clock.virtualMs(b));
  if (difference !== 0) return difference;
  return podA.metadata.uid < podB.metadata.uid ? -1 : 1;
}

/** Upstream takes the logarithm of nanoseconds (logarithmicRankDiff). */
const magnitude = (ms: number): number => (ms <= 0 ? -1 : Math.floor(Math.log2(ms * 1e6)));

function readyTime(pod: Pod): string | undefined {
  return podCondition(pod, 'Ready')?.lastTransitionTime;
}

function phaseOf(pod: Pod): number {
  return phases[pod.status?.phase ?? 'Pending'] ?? 0;
}

function costOf(pod: Pod): number {
  const text = pod.metadata.annotations?.[deletionCost];
  return text !== undefined && /^-?[1-9]\d*$|^0$/.test(text) ? Number(text) : 0;
}

function restartsOf(pod: Pod): number {
  let most = 0;
  for (const status of pod.status?.containerStatuses ?? []) most = Math.max(most, status.restartCount);
  return most;
}
