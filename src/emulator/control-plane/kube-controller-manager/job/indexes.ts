/** Indexed Jobs: which index a Pod is of, what is done, and what comes next (pkg/controller/job/indexed_job_utils.go). */
import { IndexIntervals } from '../../../api/batch/index-intervals.ts';
import type { Job, Pod } from '../../../api/generated/types.ts';
import { hasFailed, hasSucceeded, isTracked, replacesOnlyFailed } from './finished.ts';
import { judge } from './policies.ts';

export const indexKey = 'batch.kubernetes.io/job-completion-index';
const failuresKey = 'batch.kubernetes.io/job-index-failure-count';
const ignoredKey = 'batch.kubernetes.io/job-index-ignored-failure-count';

export const isIndexed = ({ spec }: Job): boolean => spec.completionMode === 'Indexed';
export const limitsPerIndex = (job: Job): boolean => isIndexed(job) && job.spec.backoffLimitPerIndex !== undefined;

/** The index of a Pod, undefined if it has none or one that the Job no longer has. */
export function indexOf({ spec }: Job, { metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[indexKey];
  if (text === undefined || !/^\d+$/.test(text)) return undefined;
  return Number(text) < (spec.completions ?? 0) ? Number(text) : undefined;
}

const count = (pod: Pod, key: string): number => Number(pod.metadata.annotations?.[key] ?? 0) || 0;

/** How often Pods of this index failed before this one, ignored failures included. */
export const failuresBefore = (pod: Pod): number => count(pod, failuresKey) + count(pod, ignoredKey);

/** The indexes of which a Pod has succeeded: those in the status, and those that are not there yet. */
export function succeededIndexes(job: Job, pods: readonly Pod[]): { readonly before: IndexIntervals; readonly now: IndexIntervals } {
  const before = IndexIntervals.parse(job.status?.completedIndexes, job.spec.completions ?? 0);
  const fresh: number[] = [];
  for (const pod of pods) {
    const index = hasSucceeded(pod) && isTracked(pod) ? indexOf(job, pod) : undefined;
    if (index !== undefined && !before.has(index)) fresh.push(index);
  }
  return { before, now: before.with(fresh) };
}

/** The indexes that have failed as often as they may. */
export function failedIndexes(job: Job, pods: readonly Pod[]): IndexIntervals {
  const before = IndexIntervals.parse(job.status?.failedIndexes, job.spec.completions ?? 0);
  const fresh = pods.filter((pod) => failsIndex(job, pod)).map((pod) => indexOf(job, pod));
  return before.with(fresh.filter((index) => index !== undefined));
}

function failsIndex(job: Job, pod: Pod): boolean {
  if (!hasFailed(job, pod)) return false;
  const { action, counts } = judge(job, pod);
  return action === 'FailIndex' || (counts && count(pod, failuresKey) >= job.spec.backoffLimitPerIndex!);
}

/** The annotations that hand the failures of an index on to its next Pod. */
export function failureAnnotations(job: Job, replaced: Pod | undefined): Readonly<Record<string, string>> {
  if (!limitsPerIndex(job)) return {};
  if (!replaced) return { [failuresKey]: '0' };
  const { counts } = judge(job, replaced);
  const ignored = count(replaced, ignoredKey) + (counts ? 0 : 1);
  return { [failuresKey]: String(count(replaced, failuresKey) + (counts ? 1 : 0)), ...(ignored > 0 && { [ignoredKey]: String(ignored) }) };
}

/** The last failed Pod of each index that will be tried again; it stays until its successor knows how often the index failed. */
export function podsToReplace(
  job: Job,
  pods: readonly Pod[],
  active: readonly Pod[],
  done: readonly IndexIntervals[],
): ReadonlyMap<number, Pod> {
  const busy = new Set(active.map((pod) => indexOf(job, pod)));
  const latest = new Map<number, Pod>();
  for (const pod of pods) {
    const index = isTracked(pod) && hasFailed(job, pod) ? indexOf(job, pod) : undefined;
    if (index === undefined || busy.has(index) || done.some((indexes) => indexes.has(index))) continue;
    const known = latest.get(index);
    if (!known || failuresBefore(known) <= failuresBefore(pod)) latest.set(index, pod);
  }
  return latest;
}

/** The lowest indexes for which there is nothing yet. */
export function pendingIndexes(
  job: Job,
  most: number,
  { pods, active, done }: { readonly pods: readonly Pod[]; readonly active: readonly Pod[]; readonly done: readonly IndexIntervals[] },
): number[] {
  const busy = new Set(active.map((pod) => indexOf(job, pod)));
  if (replacesOnlyFailed(job))
    for (const pod of pods) if (pod.metadata.deletionTimestamp && !hasFailed(job, pod) && !hasSucceeded(pod)) busy.add(indexOf(job, pod));
  const pending: number[] = [];
  for (let index = 0; index < (job.spec.completions ?? 0) && pending.length < most; index++)
    if (!busy.has(index) && !done.some((indexes) => indexes.has(index))) pending.push(index);
  return pending;
}

/** Of several Pods of one index all but one, and those whose index the Job no longer has. */
export function surplusByIndex(job: Job, active: readonly Pod[]): Pod[] {
  const seen = new Set<number>();
  return active.filter((pod) => {
    const index = indexOf(job, pod);
    if (index === undefined || seen.has(index)) return true;
    seen.add(index);
    return false;
  });
}
