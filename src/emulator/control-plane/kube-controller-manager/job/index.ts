/**
 * Job: Pods that run until enough of them have succeeded (pkg/controller/job).
 *
 * - A finalizer keeps every Pod until it has been counted (`tracking.ts`); nothing is counted twice or lost.
 * - A Pod that failed is replaced after 10 s, doubled with each failure in a row, up to backoffLimit.
 * - The end is announced by SuccessCriteriaMet or FailureTarget, and is there, as Complete or Failed, when all Pods have ended.
 *
 * Invariant: what has been asked for and not yet seen is expected; while anything is, no Pod is made or removed.
 */
import { jobs } from '../../../api/batch/job.ts';
import { pods } from '../../../api/core/pod.ts';
import type { Job, JobCondition, Pod } from '../../../api/generated/types.ts';
import type { Change, Client, EventRecorder, Index, Informer, Workqueue } from '../../../client/index.ts';
import type { Call, Kernel } from '../../../kernel/index.ts';
import { selectorFromObject } from '../../../machinery/labels.ts';
import type { OwnerReference } from '../../../machinery/objects.ts';
import { isNotFound } from '../../../machinery/status-error.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { byController, claim, controllerOf, orphansByNamespace } from '../controller-ref.ts';
import { Expectations } from '../expectations.ts';
import { isNamespaceTerminating, PodControl, slowStart } from '../pod-control.ts';
import { isPodReady } from '../pod-state.ts';
import { podsToDelete } from '../replica-ranking.ts';
import type { Backoff } from './backoff.ts';
import { backoffMs, nextBackoff, noBackoff } from './backoff.ts';
import { endOf, finishedCondition, isTracked, replacesOnlyFailed, trackingFinalizer } from './finished.ts';
import { failuresBefore, isIndexed, limitsPerIndex, pendingIndexes, surplusByIndex } from './indexes.ts';
import { draftPod } from './pod-drafts.ts';
import type { JobSync } from './sync.ts';
import { condition, isComplete, lookAt, outcome, wantedActive, withCondition } from './sync.ts';
import { release, track } from './tracking.ts';

/** SyncJobBatchPeriod: changes of Pods are looked at together. */
const batchMs = 1_000;
/** MaxPodCreateDeletePerSync. */
const burstPods = 500;
const ownName = 'kubernetes.io/job-controller';

export const jobController: Controller = {
  name: 'job-controller',
  start: (context) => {
    new JobController(context);
  },
};

/** What the controller knows of one Job beside the objects. */
interface Memory {
  readonly expectations: Expectations;
  /** UIDs of Pods whose finalizer was taken off and whose change has not come yet. */
  readonly released: Set<string>;
  backoff: Backoff;
}

/** Whether two states of a Pod are the same to a Job. */
function countsAlike(a: Pod, b: Pod): boolean {
  return (
    a.status?.phase === b.status?.phase &&
    isPodReady(a) === isPodReady(b) &&
    a.metadata.deletionTimestamp === b.metadata.deletionTimestamp &&
    a.metadata.finalizers === b.metadata.finalizers &&
    a.metadata.labels === b.metadata.labels &&
    a.metadata.ownerReferences === b.metadata.ownerReferences &&
    (a.spec.restartPolicy !== 'OnFailure' || a.status?.containerStatuses === b.status?.containerStatuses)
  );
}

const isOthers = ({ spec }: Job): boolean => spec.managedBy !== undefined && spec.managedBy !== ownName;

class JobController {
  readonly #kernel: Kernel;
  readonly #client: Client;
  readonly #recorder: EventRecorder;
  readonly #podControl: PodControl;
  readonly #jobs: Informer<Job>;
  readonly #pods: Informer<Pod>;
  readonly #owned: Index<Pod>;
  readonly #orphans: Index<Pod>;
  readonly #queue: Workqueue<string>;
  /** Pods that keep the finalizer though their Job is gone or over. */
  readonly #abandoned: Workqueue<string>;
  readonly #memories = new Map<string, Memory>();

  constructor(context: ControllerContext) {
    this.#kernel = context.kernel;
    this.#client = context.client('job-controller');
    this.#recorder = context.recorder(this.#client, 'job-controller');
    this.#podControl = new PodControl(this.#client, this.#recorder);
    this.#jobs = context.informers.for(jobs);
    this.#pods = context.informers.for(pods);
    this.#owned = this.#pods.index(byController);
    this.#orphans = this.#pods.index(orphansByNamespace);
    this.#queue = context.queue({ name: 'job', reconcile: (uid: string) => this.#reconcile(uid) });
    this.#abandoned = context.queue({ name: 'job-orphan-pod', reconcile: (uid: string) => this.#releaseAbandoned(uid) });
    this.#jobs.onChange((change) => this.#jobChanged(change));
    this.#pods.onChange((change) => this.#podChanged(change));
  }

  #memoryOf(uid: string): Memory {
    let memory = this.#memories.get(uid);
    if (!memory) this.#memories.set(uid, (memory = { expectations: new Expectations(), released: new Set(), backoff: noBackoff }));
    return memory;
  }

  #jobChanged({ type, object, previous }: Change<Job>): void {
    const { uid, generation } = object.metadata;
    if (type === 'DELETED') {
      this.#memories.delete(uid);
      for (const pod of this.#owned.get(uid).values()) if (isTracked(pod)) this.#abandoned.add(pod.metadata.uid);
    } else if (previous && previous.metadata.generation === generation) this.#queue.addAfter(uid, batchMs);
    else this.#queue.add(uid);
  }

  #podChanged({ type, object, previous }: Change<Pod>): void {
    const owner = controllerOf(object);
    if (!owner) {
      if (type !== 'DELETED' && (isTracked(object) || this.#jobs.size > 0)) this.#orphanChanged(object, previous);
    } else if (owner.kind === 'Job') this.#ownedPodChanged(owner, { type, object, previous });
  }

  #ownedPodChanged(owner: OwnerReference, { type, object, previous }: Change<Pod>): void {
    if (type === 'MODIFIED' && countsAlike(object, previous!)) return;
    const { uid } = object.metadata;
    const job = this.#jobs.byUID(owner.uid);
    if (isTracked(object) && type !== 'DELETED' && (!job || finishedCondition(job))) this.#abandoned.add(uid);
    const memory = job && this.#memoryOf(owner.uid);
    if (!memory) return;
    if (type === 'ADDED') memory.expectations.creationSeen();
    if (type === 'DELETED' || object.metadata.deletionTimestamp) memory.expectations.deletionSeen(uid);
    if (type === 'DELETED' || !isTracked(object)) memory.released.delete(uid);
    this.#queue.addAfter(owner.uid, batchMs);
  }

  #orphanChanged(pod: Pod, previous: Pod | undefined): void {
    if (isTracked(pod)) this.#abandoned.add(pod.metadata.uid);
    if (previous && previous.metadata.labels === pod.metadata.labels && !controllerOf(previous)) return;
    for (const job of this.#jobs.values())
      if (job.metadata.namespace === pod.metadata.namespace && selectorFromObject(job.spec.selector).matches(pod.metadata.labels))
        this.#queue.addAfter(job.metadata.uid, batchMs);
  }

  *#releaseAbandoned(uid: string): Call<void> {
    const pod = this.#pods.byUID(uid);
    if (!pod || !isTracked(pod)) return;
    const owner = controllerOf(pod);
    const job = owner?.kind === 'Job' ? this.#jobs.byUID(owner.uid) : undefined;
    const isKept = owner && (owner.kind !== 'Job' || (job && (isOthers(job) || !finishedCondition(job))));
    if (!isKept) yield* release(this.#client, pod);
  }

  *#reconcile(uid: string): Call<void> {
    const job = this.#jobs.byUID(uid);
    if (!job || isOthers(job) || finishedCondition(job)) return;
    const memory = this.#memoryOf(uid);
    const maySpawn = memory.expectations.isFulfilled(this.#kernel.loop.now);
    const sync = lookAt(job, yield* this.#claim(job), memory.released);
    const now = this.#kernel.clock.timestamp();
    const backoff = nextBackoff(memory.backoff, sync.newSucceeded, sync.newFailed);
    if (sync.status.startTime === undefined && !job.spec.suspend) sync.status.startTime = now;
    let ending = outcome(sync, { now, isLate: this.#isLate(sync) });
    let failure: Error | undefined;
    if (ending) {
      const { deleted, error } = yield* this.#deleteActive(sync, memory, sync.activePods, false);
      failure = error;
      // What the cache does not show yet may still run.
      if (deleted < sync.activePods.length || !maySpawn) ending = undefined;
    } else {
      const isManaged = maySpawn && job.metadata.deletionTimestamp === undefined;
      if (isManaged) failure = yield* this.#manage(sync, memory, backoff);
      if (isComplete(sync))
        ending = condition('SuccessCriteriaMet', 'CompletionsReached', 'Reached expected number of succeeded pods', now);
      else if (isManaged) this.#noteSuspension(sync, now);
    }
    sync.status.active = sync.active || undefined;
    sync.status.ready = sync.ready;
    sync.status.terminating = sync.terminating;
    yield* this.#track(sync, memory, { ending, backoff, now });
    if (failure) throw failure;
  }

  *#track(
    sync: JobSync,
    memory: Memory,
    { ending, backoff, now }: { readonly ending: JobCondition | undefined; readonly backoff: Backoff; readonly now: string },
  ): Call<void> {
    yield* track(
      {
        client: this.#client,
        recorder: this.#recorder,
        now,
        releasing: (uid) => void memory.released.add(uid),
        notReleased: (uid) => void memory.released.delete(uid),
        flushed: () => {
          memory.backoff = backoff;
        },
      },
      sync,
      ending,
    );
  }

  *#claim(job: Job): Call<readonly Pod[]> {
    const { uid, namespace } = job.metadata;
    return yield* claim({
      client: this.#client,
      owner: job,
      ownerKind: jobs,
      kind: pods,
      matches: selectorFromObject(job.spec.selector).matches,
      owned: this.#owned.get(uid).values(),
      orphans: job.spec.manualSelector ? this.#orphans.get(namespace!).values() : [],
      finalizers: [trackingFinalizer],
    });
  }

  /** Whether the Job has run longer than it may; if not, it is looked at again when it has. */
  #isLate({ job, status }: JobSync): boolean {
    const seconds = job.spec.activeDeadlineSeconds;
    if (seconds === undefined || status.startTime === undefined || job.spec.suspend) return false;
    const leftMs = this.#kernel.clock.virtualMs(status.startTime) + seconds * 1000 - this.#kernel.loop.now;
    if (leftMs > 0) this.#queue.addAfter(job.metadata.uid, leftMs, true);
    return leftMs <= 0;
  }

  /** Says whether the Job is suspended; one that goes on starts its clock anew. */
  #noteSuspension(sync: JobSync, now: string): void {
    const { job, status } = sync;
    const isSuspended = job.spec.suspend === true;
    const wanted = isSuspended
      ? condition('Suspended', 'JobSuspended', 'Job suspended', now)
      : { ...condition('Suspended', 'JobResumed', 'Job resumed', now), status: 'False' };
    const conditions = withCondition(status.conditions, wanted);
    if (conditions === status.conditions) return;
    status.conditions = conditions;
    if (isSuspended) this.#recorder.normal(job, 'Suspended', 'Job suspended');
    else {
      this.#recorder.normal(job, 'Resumed', 'Job resumed');
      status.startTime = now;
    }
  }

  /** Makes or removes Pods, never both at once. */
  *#manage(sync: JobSync, memory: Memory, backoff: Backoff): Call<Error | undefined> {
    const { job, activePods } = sync;
    const wanted = job.spec.suspend ? 0 : wantedActive(sync);
    const surplus = this.#surplus(sync, Math.max(0, sync.active - wanted));
    if (surplus.length > 0 || job.spec.suspend) return (yield* this.#deleteActive(sync, memory, surplus, true)).error;
    const missing = wanted - activePods.length - (replacesOnlyFailed(job) ? sync.terminating : 0);
    if (missing <= 0) return undefined;
    const next = this.#nextPods(sync, Math.min(missing, burstPods), backoff);
    if (typeof next === 'number') {
      this.#queue.addAfter(job.metadata.uid, next, true);
      return undefined;
    }
    return yield* this.#create(sync, memory, next);
  }

  #surplus({ job, activePods }: JobSync, atLeast: number): readonly Pod[] {
    const first = isIndexed(job) ? surplusByIndex(job, activePods) : [];
    const rest = activePods.filter((pod) => !first.includes(pod));
    const now = { clock: this.#kernel.clock, ms: this.#kernel.loop.now };
    const more = atLeast > first.length ? podsToDelete(rest, [], atLeast - first.length, now) : [];
    return [...first, ...more].slice(0, burstPods);
  }

  /** The indexes for which Pods may be made now (undefined: no index), or how long to wait. */
  #nextPods(sync: JobSync, count: number, backoff: Backoff): readonly (number | undefined)[] | number {
    const { job } = sync;
    const { clock, loop } = this.#kernel;
    if (!limitsPerIndex(job)) {
      const waitMs = backoffMs(backoff, clock, loop.now);
      if (waitMs > 0) return waitMs;
    }
    if (!isIndexed(job)) return new Array<undefined>(count).fill(undefined);
    const done = [sync.succeededIndexes!, ...(sync.failedIndexes ? [sync.failedIndexes] : [])];
    const indexes = pendingIndexes(job, count, { pods: sync.pods, active: sync.activePods, done });
    if (!limitsPerIndex(job)) return indexes;
    const waitOf = (index: number): number => {
      const replaced = sync.toReplace.get(index);
      return replaced ? backoffMs({ failures: failuresBefore(replaced) + 1, lastFailure: endOf(replaced) }, clock, loop.now) : 0;
    };
    const ready = indexes.filter((index) => waitOf(index) === 0);
    return ready.length > 0 || indexes.length === 0 ? ready : Math.min(...indexes.map(waitOf));
  }

  *#create(sync: JobSync, { expectations }: Memory, next: readonly (number | undefined)[]): Call<Error | undefined> {
    const { job, toReplace } = sync;
    const podControl = this.#podControl;
    expectations.begin(this.#kernel.loop.now);
    expectations.expectCreations(next.length);
    let at = 0;
    let made = 0;
    const { succeeded, error } = yield* slowStart(next.length, function* () {
      const index = next[at++];
      try {
        yield* podControl.create(job, draftPod(job, index, index === undefined ? undefined : toReplace.get(index)));
        made++;
      } catch (failure) {
        if (!isNamespaceTerminating(failure)) throw failure;
        expectations.creationSeen();
      }
    });
    for (let i = succeeded; error && i < next.length; i++) expectations.creationSeen();
    sync.active += made;
    return error;
  }

  /** Deletes Pods; those that the Job can do without lose their finalizer at once, others when they are counted. */
  *#deleteActive(
    sync: JobSync,
    { expectations }: Memory,
    doomed: readonly Pod[],
    isUncounted: boolean,
  ): Call<{ readonly deleted: number; readonly error: Error | undefined }> {
    let deleted = 0;
    let error: Error | undefined;
    if (isUncounted) expectations.begin(this.#kernel.loop.now);
    for (const pod of doomed) {
      if (isUncounted) expectations.expectDeletion(pod.metadata.uid);
      try {
        if (isUncounted && isTracked(pod)) yield* release(this.#client, pod);
        yield* this.#podControl.delete(sync.job, pod);
      } catch (reason) {
        expectations.deletionSeen(pod.metadata.uid);
        if (!isNotFound(reason)) {
          error ??= reason as Error;
          continue;
        }
      }
      deleted++;
      if (isPodReady(pod)) sync.ready--;
    }
    sync.active -= deleted;
    sync.terminating += deleted;
    return { deleted, error };
  }
}
