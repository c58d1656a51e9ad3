import type { Pod } from '../../../../api/generated/types.ts';

export interface Candidate {
  readonly nodeName: string;
  /** The most important first. */
  readonly victims: readonly Pod[];
  /** How many of them their disruption budget protects. */
  readonly violated: number;
}

const priority = (pod: Pod): number => pod.spec.priority ?? 0;
/** Shifts priorities above 0, so that a sum always grows with the number of Pods. */
const shift = 2_147_483_648;

/** What to compare by, in this order; less is better (pickOneNodeForPreemption). */
const measures: readonly ((candidate: Candidate) => number)[] = [
  ({ violated }) => violated,
  ({ victims }) => (victims[0] ? priority(victims[0]) : Number.NEGATIVE_INFINITY),
  ({ victims }) => victims.reduce((sum, pod) => sum + priority(pod) + shift, 0),
  ({ victims }) => victims.length,
];

/** The candidate whose victims matter least; among equals the one whose most important victims started last, then the first. */
export function cheapest(candidates: readonly Candidate[]): Candidate | undefined {
  let best = candidates;
  for (const measure of measures) {
    if (best.length <= 1) return best[0];
    const least = Math.min(...best.map(measure));
    best = best.filter((candidate) => measure(candidate) === least);
  }
  const latest = best.reduce<string>((time, candidate) => (earliestStart(candidate) > time ? earliestStart(candidate) : time), '');
  return best.find((candidate) => earliestStart(candidate) === latest);
}

function earliestStart({ victims }: Candidate): string {
  const highest = victims[0] ? priority(victims[0]) : 0;
  return victims
    .filter((pod) => priority(pod) === highest)
    .reduce((time, pod) => ((pod.status?.startTime ?? '~') < time ? pod.status!.startTime! : time), '~');
}
