import type { Pod } from '../../../../api/generated/types.ts';

export interface Candidate {
  readonly nodeName: string;
  /** The most important first. */
  readonly victims: readonly Pod[];
  /** How many of them their disruption budget protects. */
  readonly violated: number;
  /** What the victims are worth: the highest priority, the sum of all, and when the first one of the highest started. */
  readonly highest: number;
  readonly sum: number;
  readonly earliest: string;
}

const priority = (pod: Pod): number => pod.spec.priority ?? 0;
/** Shifts priorities above 0, so that a sum always grows with the number of Pods. */
const shift = 2_147_483_648;

/** `victims`: the most important first. */
export function candidate(nodeName: string, victims: readonly Pod[], violated: number): Candidate {
  const highest = victims[0] ? priority(victims[0]) : Number.NEGATIVE_INFINITY;
  let sum = 0;
  let earliest = '~';
  for (const pod of victims) {
    sum += priority(pod) + shift;
    const started = pod.status?.startTime ?? '~';
    if (priority(pod) === highest && started < earliest) earliest = started;
  }
  return { nodeName, victims, violated, highest, sum, earliest };
}

/** Below 0 when the victims of `a` matter less (pickOneNodeForPreemption). */
function compare(a: Candidate, b: Candidate): number {
  if (a.violated !== b.violated) return a.violated - b.violated;
  if (a.highest !== b.highest) return a.highest < b.highest ? -1 : 1;
  if (a.sum !== b.sum) return a.sum - b.sum;
  if (a.victims.length !== b.victims.length) return a.victims.length - b.victims.length;
  return a.earliest > b.earliest ? -1 : a.earliest < b.earliest ? 1 : 0;
}

/** The candidate whose victims matter least; among equals the one whose most important victims started last, then the first. */
export function cheapest(candidates: readonly Candidate[]): Candidate | undefined {
  let best = candidates[0];
  for (const one of candidates) if (compare(one, best!) < 0) best = one;
  return best;
}
