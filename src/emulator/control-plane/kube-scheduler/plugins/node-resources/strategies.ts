/** The scoring strategies of NodeResourcesFit (noderesources/{least_allocated,most_allocated,requested_to_capacity_ratio}.go). */
import type { ScoringStrategy, ShapePoint } from '../../configuration/plugin-args.ts';

/** From 0 to 100, for one resource of one node. */
export type ResourceScore = (requested: number, capacity: number) => number;

export interface Strategy {
  readonly score: ResourceScore;
  /** Whether a resource that scores 0 counts in the mean, and how the mean becomes whole. */
  readonly countsZero: boolean;
  readonly whole: (mean: number) => number;
}

/** What is left, in whole percent. */
const leastAllocated: ResourceScore = (requested, capacity) =>
  requested > capacity ? 0 : Math.floor(((capacity - requested) * 100) / capacity);

/** What is used: Pods without requests may have counted for more than there is. */
const mostAllocated: ResourceScore = (requested, capacity) => Math.floor((Math.min(requested, capacity) * 100) / capacity);

/** A score by utilization: straight lines between the points, level before the first and after the last. */
function brokenLine(shape: readonly ShapePoint[]): (utilization: number) => number {
  const points = shape.map(({ utilization = 0, score = 0 }) => ({ utilization, score: score * 10 }));
  return (utilization) => {
    const i = points.findIndex((point) => utilization <= point.utilization);
    if (i <= 0) return points.at(i)!.score;
    const [from, to] = [points[i - 1]!, points[i]!];
    return from.score + Math.trunc(((to.score - from.score) * (utilization - from.utilization)) / (to.utilization - from.utilization));
  };
}

export function strategyOf({ type, requestedToCapacityRatio }: ScoringStrategy): Strategy {
  if (type === 'MostAllocated') return { score: mostAllocated, countsZero: true, whole: Math.floor };
  if (type !== 'RequestedToCapacityRatio') return { score: leastAllocated, countsZero: true, whole: Math.floor };
  const line = brokenLine(requestedToCapacityRatio!.shape!);
  const score: ResourceScore = (requested, capacity) => line(requested > capacity ? 100 : Math.floor((requested * 100) / capacity));
  return { score, countsZero: false, whole: Math.round };
}
