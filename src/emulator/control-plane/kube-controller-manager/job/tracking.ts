/**
 * Counts the Pods that have ended, each exactly once (pkg/controller/job/job_controller.go, trackJobStatusAndRemoveFinalizers):
 * their UIDs go into the status, then their finalizers go, then the UIDs become a number. Whatever fails in between, the next
 * reconcile finds its way from what is stored.
 */
import { jobs } from '../../../api/batch/job.ts';
import { pods } from '../../../api/core/pod.ts';
import type { JobCondition, Pod } from '../../../api/generated/types.ts';
import type { Client, EventRecorder } from '../../../client/index.ts';
import type { Call } from '../../../kernel/index.ts';
import { semanticEqual } from '../../../machinery/equality.ts';
import { isNotFound } from '../../../machinery/status-error.ts';
import { hasFailed, hasSucceeded, isTracked, trackingFinalizer } from './finished.ts';
import { indexOf, isIndexed } from './indexes.ts';
import { judge } from './policies.ts';
import type { JobSync } from './sync.ts';
import { condition, withCondition } from './sync.ts';

/** How many Pods may be on their way from the status to the numbers at once. */
const maxUncounted = 500;

export interface TrackingContext {
  readonly client: Client;
  readonly recorder: EventRecorder;
  readonly now: string;
  /** Told before and after finalizers are taken off, so that a Pod whose change is not seen yet is not counted again. */
  releasing(uid: string): void;
  notReleased(uid: string): void;
  /** The status with the Pods to be counted is stored. */
  flushed(): void;
}

/** Takes the finalizer off a Pod; one that is gone is as it should be. */
export function* release(client: Client, pod: Pod): Call<void> {
  const body = { metadata: { '$deleteFromPrimitiveList/finalizers': [trackingFinalizer], uid: pod.metadata.uid } };
  try {
    yield* client.patch(pods, pod.metadata, { type: 'application/strategic-merge-patch+json', body });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Writes the status and counts what has ended; whether the Job is over now. */
export function* track(context: TrackingContext, sync: JobSync, ending: JobCondition | undefined): Call<boolean> {
  const held = new Set<string>();
  for (const pod of sync.pods) if (isTracked(pod) && !sync.released.has(pod.metadata.uid)) held.add(pod.metadata.uid);
  countReleased(sync, held);
  const { toRelease, isFull } = gather(sync, ending);
  const last = ending && announce(sync, ending, context.now);
  yield* flush(context, sync);
  context.flushed();
  let failure: unknown;
  for (const pod of toRelease) {
    const { uid } = pod.metadata;
    context.releasing(uid);
    try {
      yield* release(context.client, pod);
      held.delete(uid);
    } catch (error) {
      context.notReleased(uid);
      failure ??= error;
    }
  }
  countReleased(sync, held);
  const isOver = failure === undefined && !isFull && last !== undefined && mayEnd(sync);
  if (isOver) {
    sync.status.conditions = withCondition(sync.status.conditions, last);
    if (last.type === 'Complete') sync.status.completionTime = last.lastTransitionTime;
  }
  yield* flush(context, sync);
  if (failure !== undefined) throw failure;
  if (isOver) report(context, sync, last);
  return isOver;
}

function* flush({ client }: TrackingContext, sync: JobSync): Call<void> {
  if (semanticEqual(sync.job.status, sync.status)) return;
  sync.job = yield* client.updateStatus(jobs, { ...sync.job, status: { ...sync.status } });
}

/** UIDs whose Pods no longer have the finalizer become numbers. */
function countReleased(sync: JobSync, held: ReadonlySet<string>): void {
  const { status } = sync;
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const left = { succeeded: succeeded.filter((uid) => held.has(uid)), failed: failed.filter((uid) => held.has(uid)) };
  const counted = { succeeded: succeeded.length - left.succeeded.length, failed: failed.length - left.failed.length };
  if (counted.succeeded > 0) status.succeeded = (status.succeeded ?? 0) + counted.succeeded;
  if (counted.failed > 0) status.failed = (status.failed ?? 0) + counted.failed;
  status.uncountedTerminatedPods = {
    ...(left.succeeded.length > 0 && { succeeded: left.succeeded }),
    ...(left.failed.length > 0 && { failed: left.failed }),
  };
}

/** Puts what has ended into the status; the Pods whose finalizers may go. */
function gather(sync: JobSync, ending: JobCondition | undefined): { readonly toRelease: readonly Pod[]; readonly isFull: boolean } {
  const { job, status } = sync;
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const uids = { succeeded: [...succeeded], failed: [...failed] };
  const indexes: number[] = [];
  const toRelease: Pod[] = [];
  let isFull = false;
  for (const pod of inOrder(sync)) {
    const { uid } = pod.metadata;
    if (!isTracked(pod) || sync.released.has(uid) || !mayRelease(sync, pod, ending)) continue;
    toRelease.push(pod);
    const index = indexOf(job, pod);
    if (hasSucceeded(pod) && !uids.failed.includes(uid)) {
      if (!isIndexed(job)) {
        if (!uids.succeeded.includes(uid)) uids.succeeded.push(uid);
      } else if (index !== undefined && !sync.succeededBefore!.has(index)) indexes.push(index);
    } else if (hasFailed(job, pod) || (ending && ending.type !== 'SuccessCriteriaMet')) {
      // What still runs when the Job fails has failed.
      const isCounted = (!isIndexed(job) || index !== undefined) && judge(job, pod).counts;
      if (isCounted && !uids.failed.includes(uid)) uids.failed.push(uid);
    }
    isFull = indexes.length + uids.succeeded.length + uids.failed.length >= maxUncounted;
    if (isFull) break;
  }
  status.uncountedTerminatedPods = {
    ...(uids.succeeded.length > 0 && { succeeded: uids.succeeded }),
    ...(uids.failed.length > 0 && { failed: uids.failed }),
  };
  if (sync.succeededBefore) {
    const done = sync.succeededBefore.with(indexes);
    status.succeeded = done.total || undefined;
    status.completedIndexes = done.toString() || undefined;
    if (sync.failedIndexes) status.failedIndexes = sync.failedIndexes.toString();
  }
  return { toRelease, isFull };
}

/** Of an Indexed Job in the order of the indexes. */
function inOrder({ job, pods: all }: JobSync): readonly Pod[] {
  if (!isIndexed(job)) return all;
  const place = (pod: Pod): number => indexOf(job, pod) ?? -1;
  return [...all].sort((a, b) => place(a) - place(b));
}

function mayRelease({ job, toReplace }: JobSync, pod: Pod, ending: JobCondition | undefined): boolean {
  if (job.metadata.deletionTimestamp !== undefined || ending || hasSucceeded(pod)) return true;
  if (!hasFailed(job, pod)) return false;
  const index = indexOf(job, pod);
  return index === undefined || toReplace.get(index)?.metadata.uid !== pod.metadata.uid;
}

/** Says in the status how the Job is going to end; returns the condition that it will end with. */
function announce({ status }: JobSync, ending: JobCondition, now: string): JobCondition {
  status.conditions = withCondition(status.conditions, ending);
  return condition(ending.type === 'FailureTarget' ? 'Failed' : 'Complete', ending.reason!, ending.message!, now);
}

/** Only when all Pods have ended and are counted. */
function mayEnd({ status, terminating }: JobSync): boolean {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  return succeeded.length + failed.length === 0 && terminating === 0;
}

function report({ recorder }: TrackingContext, { job, status }: JobSync, last: JobCondition): void {
  if (last.type === 'Failed') {
    recorder.warning(job, last.reason!, last.message!);
    return;
  }
  if (job.spec.completions !== undefined && (status.succeeded ?? 0) > job.spec.completions)
    recorder.warning(job, 'TooManySucceededPods', 'Too many succeeded pods running after completion count reached');
  recorder.normal(job, 'Completed', 'Job completed');
}
