/** What one look at a Job and its Pods tells: the counts, and how the Job ends (pkg/controller/job/job_controller.go, syncJob). */
import type { IndexIntervals } from '../../../api/batch/index-intervals.ts';
import { hasJobCondition } from '../../../api/batch/job.ts';
import type { Job, JobCondition, JobStatus, Pod } from '../../../api/generated/types.ts';
import { isPodActive, isPodReady, isPodTerminal } from '../pod-state.ts';
import { hasFailed, hasSucceeded, isTracked } from './finished.ts';
import { failedIndexes, indexOf, isIndexed, limitsPerIndex, podsToReplace, succeededIndexes } from './indexes.ts';
import { judge, metSuccessRule } from './policies.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A reconcile's view of a Job; the counts and the status change as it goes on. */
export interface JobSync {
  /** As it is stored. */
  job: Job;
  status: Mutable<JobStatus>;
  readonly pods: readonly Pod[];
  readonly activePods: readonly Pod[];
  /** Pods whose finalizer was taken off and whose change has not been seen yet. */
  readonly released: ReadonlySet<string>;
  readonly newSucceeded: readonly Pod[];
  readonly newFailed: readonly Pod[];
  readonly succeededBefore: IndexIntervals | undefined;
  succeededIndexes: IndexIntervals | undefined;
  readonly failedIndexes: IndexIntervals | undefined;
  readonly toReplace: ReadonlyMap<number, Pod>;
  readonly succeeded: number;
  readonly failed: number;
  active: number;
  ready: number;
  terminating: number;
}

export function lookAt(job: Job, pods: readonly Pod[], released: ReadonlySet<string>): JobSync {
  const activePods = pods.filter(isPodActive);
  const { uncountedTerminatedPods: uncounted, ...rest } = job.status ?? {};
  const [uncountedSucceeded, uncountedFailed] = [uncounted?.succeeded ?? [], uncounted?.failed ?? []];
  const isNew = (pod: Pod, counted: readonly string[]): boolean =>
    isTracked(pod) &&
    !counted.includes(pod.metadata.uid) &&
    !released.has(pod.metadata.uid) &&
    (!isIndexed(job) || indexOf(job, pod) !== undefined);
  const newSucceeded = pods.filter((pod) => hasSucceeded(pod) && isNew(pod, uncountedSucceeded));
  const newFailed = pods.filter((pod) => hasFailed(job, pod) && isNew(pod, uncountedFailed));
  const indexes = isIndexed(job) ? succeededIndexes(job, pods) : undefined;
  const failedOnes = limitsPerIndex(job) ? failedIndexes(job, pods) : undefined;
  return {
    job,
    status: { ...rest, uncountedTerminatedPods: uncounted ?? {} },
    pods,
    activePods,
    released,
    newSucceeded,
    newFailed,
    succeededBefore: indexes?.before,
    succeededIndexes: indexes?.now,
    failedIndexes: failedOnes,
    toReplace: failedOnes ? podsToReplace(job, pods, activePods, [indexes!.now, failedOnes]) : new Map(),
    succeeded: indexes ? indexes.now.total : (job.status?.succeeded ?? 0) + newSucceeded.length + uncountedSucceeded.length,
    failed: (job.status?.failed ?? 0) + newFailed.filter((pod) => judge(job, pod).counts).length + uncountedFailed.length,
    active: activePods.length,
    ready: activePods.filter(isPodReady).length,
    terminating: pods.filter((pod) => pod.metadata.deletionTimestamp !== undefined && !isPodTerminal(pod)).length,
  };
}

export function condition(type: string, reason: string, message: string, now: string): JobCondition {
  return { type, status: 'True', lastProbeTime: now, lastTransitionTime: now, reason, message };
}

/** How the Job is going to end, as far as its Pods decide that: SuccessCriteriaMet, FailureTarget, or not yet. */
export function outcome(sync: JobSync, { now, isLate }: { readonly now: string; readonly isLate: boolean }): JobCondition | undefined {
  const { job, pods, failedIndexes: failedOnes, succeededIndexes: succeededOnes } = sync;
  const { spec, status } = job;
  for (const type of ['SuccessCriteriaMet', 'FailureTarget'])
    if (hasJobCondition(job, type)) return status!.conditions!.find((one) => one.type === type);
  const fail = (reason: string, message: string): JobCondition => condition('FailureTarget', reason, message, now);
  for (const pod of spec.podFailurePolicy ? pods : []) {
    const { failure } = hasFailed(job, pod) ? judge(job, pod) : { failure: undefined };
    if (failure !== undefined) return fail('PodFailurePolicy', failure);
  }
  if (sync.failed > (spec.backoffLimit ?? 6) || restartedTooOften(job, pods))
    return fail('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  if (isLate) return fail('DeadlineExceeded', 'Job was active longer than specified deadline');
  if (failedOnes) {
    if (spec.maxFailedIndexes !== undefined && failedOnes.total > spec.maxFailedIndexes)
      return fail('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes');
    if (failedOnes.total > 0 && failedOnes.total + succeededOnes!.total >= spec.completions!)
      return fail('FailedIndexes', 'Job has failed indexes');
  }
  const rule = succeededOnes && metSuccessRule(job, succeededOnes);
  return rule === undefined ? undefined : condition('SuccessCriteriaMet', 'SuccessPolicy', rule, now);
}

/** Containers that are restarted in their Pods count as failures, while the Pods live (restartPolicy OnFailure). */
function restartedTooOften({ spec }: Job, pods: readonly Pod[]): boolean {
  if (spec.template.spec.restartPolicy !== 'OnFailure') return false;
  let restarts = 0;
  for (const { status } of pods) {
    if (status?.phase !== 'Running' && status?.phase !== 'Pending') continue;
    for (const { restartCount } of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) restarts += restartCount;
  }
  const limit = spec.backoffLimit ?? 6;
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

/** Whether as many Pods have succeeded as were asked for. */
export function isComplete({ job, succeeded, active }: JobSync): boolean {
  const { completions } = job.spec;
  return active === 0 && (completions === undefined ? succeeded > 0 : succeeded >= completions);
}

/** How many Pods should run now. */
export function wantedActive({ job, succeeded, active }: JobSync): number {
  const { completions, parallelism = 1 } = job.spec;
  if (completions === undefined) return succeeded > 0 ? active : parallelism;
  return Math.max(0, Math.min(completions - succeeded, parallelism));
}

/** The conditions with one set; the same list if it holds already. */
export function withCondition(list: readonly JobCondition[] | undefined, wanted: JobCondition): readonly JobCondition[] | undefined {
  const known = list?.find(({ type }) => type === wanted.type);
  if (known && known.status === wanted.status && known.reason === wanted.reason && known.message === wanted.message) return list;
  // What never held need not be denied.
  if (!known && wanted.status !== 'True') return list;
  return known ? list!.map((one) => (one === known ? wanted : one)) : [...(list ?? []), wanted];
}
