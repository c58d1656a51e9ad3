/**
 * CronJob: makes Jobs when they are due (pkg/controller/cronjob).
 *
 * - A Job's name holds the minute for which it was made, so that no start is made twice.
 * - Of several starts that were missed only the last is made, and none that is older than startingDeadlineSeconds.
 * - A schedule that never comes is an Event, and then nothing until it is changed.
 */
import { cronJobs } from '../../../api/batch/cron-job.ts';
import { jobs } from '../../../api/batch/job.ts';
import type { CronJob, CronJobStatus, Job, ObjectReference } from '../../../api/generated/types.ts';
import type { Change, Client, EventRecorder, Index, Informer, Workqueue } from '../../../client/index.ts';
import type { Call, Kernel } from '../../../kernel/index.ts';
import { formatLongTime, formatTime, parseTime } from '../../../kernel/time.ts';
import { CronError, parseCron } from '../../../machinery/cron.ts';
import { semanticEqual } from '../../../machinery/equality.ts';
import type { Draft } from '../../../machinery/objects.ts';
import { isAlreadyExists, isNotFound, StatusError } from '../../../machinery/status-error.ts';
import { timeZone, utc } from '../../../machinery/time-zone.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { byController, controllerOf, newControllerRef } from '../controller-ref.ts';
import { isNamespaceTerminating } from '../pod-control.ts';
import type { Schedule } from './schedule.ts';
import { dueStart, msUntilNext, neverDue, zonedTime } from './schedule.ts';

const scheduledAnnotation = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

export const cronJobController: Controller = {
  name: 'cronjob-controller',
  start: (context) => {
    new CronJobController(context);
  },
};

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A CronJob in the hands of one reconcile; its status changes as that goes on. */
interface Turn {
  readonly cronJob: CronJob;
  readonly owned: readonly Job[];
  readonly status: Mutable<CronJobStatus>;
}

function finishedAs({ status }: Job): 'Complete' | 'Failed' | undefined {
  for (const { type, status: held } of status?.conditions ?? [])
    if ((type === 'Complete' || type === 'Failed') && held === 'True') return type;
  return undefined;
}

/** Why a schedule cannot be followed, or how it can. */
function scheduleOf({ spec }: CronJob): Schedule | string {
  try {
    return { cron: parseCron(spec.schedule), zone: spec.timeZone === undefined ? utc : timeZone(spec.timeZone)! };
  } catch (error) {
    if (error instanceof CronError) return error.message;
    throw error;
  }
}

class CronJobController {
  readonly #kernel: Kernel;
  readonly #client: Client;
  readonly #recorder: EventRecorder;
  readonly #cronJobs: Informer<CronJob>;
  readonly #owned: Index<Job>;
  readonly #queue: Workqueue<string>;

  constructor(context: ControllerContext) {
    this.#kernel = context.kernel;
    this.#client = context.client('cronjob-controller');
    this.#recorder = context.recorder(this.#client, 'cronjob-controller');
    this.#cronJobs = context.informers.for(cronJobs);
    const known = context.informers.for(jobs);
    this.#owned = known.index(byController);
    this.#queue = context.queue({ name: 'cronjob', reconcile: (uid: string) => this.#reconcile(uid) });
    this.#cronJobs.onChange((change) => this.#cronJobChanged(change));
    known.onChange(({ object }) => {
      const owner = controllerOf(object);
      if (owner?.kind === 'CronJob') this.#queue.add(owner.uid);
    });
  }

  get #nowMs(): number {
    return this.#kernel.clock.unixMs;
  }

  /** A new schedule holds from its next start on: what it would have missed is not made up for. */
  #cronJobChanged({ type, object, previous }: Change<CronJob>): void {
    const { uid } = object.metadata;
    if (type === 'DELETED') return;
    const isSame = !previous || (previous.spec.schedule === object.spec.schedule && previous.spec.timeZone === object.spec.timeZone);
    const schedule = isSame ? '' : scheduleOf(object);
    if (typeof schedule === 'string') this.#queue.add(uid);
    else this.#returnForNext(object, schedule);
  }

  #returnForNext(cronJob: CronJob, schedule: Schedule): void {
    const ms = msUntilNext(cronJob, this.#nowMs, schedule);
    if (ms !== undefined) this.#queue.addAfter(cronJob.metadata.uid, Math.max(1, ms), true);
  }

  *#reconcile(uid: string): Call<void> {
    const cronJob = this.#cronJobs.byUID(uid);
    if (!cronJob) return;
    const turn: Turn = { cronJob, owned: [...this.#owned.get(uid).values()], status: { ...cronJob.status } };
    yield* this.#dropHistory(turn);
    let failure: unknown;
    try {
      yield* this.#noteJobs(turn);
      if (cronJob.metadata.deletionTimestamp === undefined && !cronJob.spec.suspend) yield* this.#start(turn);
    } catch (error) {
      failure = error;
    }
    if (turn.status.active?.length === 0) turn.status.active = undefined;
    if (!semanticEqual(cronJob.status ?? {}, turn.status)) yield* this.#client.updateStatus(cronJobs, { ...cronJob, status: turn.status });
    if (failure !== undefined) throw failure;
  }

  /** Deletes the oldest Jobs that have ended, beyond the limits of the history. */
  *#dropHistory(turn: Turn): Call<void> {
    const { spec } = turn.cronJob;
    const limits = { Complete: spec.successfulJobsHistoryLimit, Failed: spec.failedJobsHistoryLimit };
    for (const [end, limit] of Object.entries(limits)) {
      if (limit === undefined) continue;
      const ended = turn.owned.filter((job) => finishedAs(job) === end);
      const age = ({ metadata, status }: Job): string => `${status?.startTime ?? ''} ${metadata.name}`;
      ended.sort((a, b) => (age(a) < age(b) ? -1 : 1));
      for (const job of ended.slice(0, Math.max(0, ended.length - limit))) yield* this.#delete(turn, job);
    }
  }

  /** False if the Job is still there. */
  *#delete({ cronJob, status }: Turn, job: Job): Call<boolean> {
    if (job.metadata.deletionTimestamp) return true;
    try {
      yield* this.#client.delete(jobs, job.metadata, { propagationPolicy: 'Background' });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      this.#recorder.warning(cronJob, 'FailedDelete', `Deleted job: ${error.message}`);
      return false;
    }
    status.active = status.active?.filter(({ uid }) => uid !== job.metadata.uid);
    this.#recorder.normal(cronJob, 'SuccessfulDelete', `Deleted job ${job.metadata.name}`);
    return true;
  }

  /** Brings the list of active Jobs up to date. */
  *#noteJobs(turn: Turn): Call<void> {
    const { cronJob, owned, status } = turn;
    for (const job of owned) {
      const { uid, name } = job.metadata;
      const isListed = status.active?.some((reference) => reference.uid === uid) ?? false;
      const end = finishedAs(job);
      if (!end) {
        if (!isListed && !(yield* this.#isListedByNow(cronJob, uid)))
          this.#recorder.warning(cronJob, 'UnexpectedJob', `Saw a job that the controller did not create or forgot: ${name}`);
        continue;
      }
      if (isListed) {
        status.active = status.active!.filter((reference) => reference.uid !== uid);
        this.#recorder.normal(cronJob, 'SawCompletedJob', `Saw completed job: ${name}, condition: ${end}`);
      }
      const done = end === 'Complete' ? job.status?.completionTime : undefined;
      if (done && (!status.lastSuccessfulTime || parseTime(done)! > parseTime(status.lastSuccessfulTime)!))
        status.lastSuccessfulTime = done;
    }
    for (const { uid, name, namespace } of status.active ?? []) {
      if (owned.some(({ metadata }) => metadata.uid === uid) || (yield* this.#find(name!, namespace!))) continue;
      this.#recorder.normal(cronJob, 'MissingJob', `Active job went missing: ${name}`);
      status.active = status.active!.filter((reference) => reference.uid !== uid);
    }
  }

  /** The cache may not show yet what this controller has written itself. */
  *#isListedByNow({ metadata }: CronJob, uid: string): Call<boolean> {
    const { status } = yield* this.#client.get(cronJobs, metadata);
    return status?.active?.some((reference) => reference.uid === uid) ?? false;
  }

  *#find(name: string, namespace: string): Call<Job | undefined> {
    try {
      return yield* this.#client.get(jobs, { name, namespace });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Makes the Job that is due, if there is one and nothing speaks against it. */
  *#start(turn: Turn): Call<void> {
    const { cronJob, status } = turn;
    const { schedule: line, startingDeadlineSeconds, concurrencyPolicy } = cronJob.spec;
    const schedule = scheduleOf(cronJob);
    if (typeof schedule === 'string') {
      this.#recorder.warning(cronJob, 'UnparseableSchedule', `unparseable schedule: ${JSON.stringify(line)} : ${schedule}`);
      return;
    }
    const due = dueStart(cronJob, this.#nowMs, schedule);
    if (due === neverDue) {
      this.#recorder.warning(cronJob, 'InvalidSchedule', `invalid schedule: ${line} : ${neverDue}`);
      return;
    }
    const { atMs } = due;
    this.#returnForNext(cronJob, schedule);
    if (atMs === undefined) return;
    if (due.missed === 'many')
      this.#recorder.warning(
        cronJob,
        'TooManyMissedTimes',
        'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
      );
    if (startingDeadlineSeconds !== undefined && atMs + startingDeadlineSeconds * 1000 < this.#nowMs) {
      this.#recorder.warning(cronJob, 'MissSchedule', `Missed scheduled time to start a job: ${formatLongTime(atMs)}`);
      return;
    }
    const name = `${cronJob.metadata.name}-${Math.floor(atMs / 60_000)}`;
    if (status.active?.some((reference) => reference.name === name) || status.lastScheduleTime === formatTime(atMs)) return;
    if (concurrencyPolicy === 'Forbid' && (status.active?.length ?? 0) > 0) {
      this.#recorder.normal(
        cronJob,
        'JobAlreadyActive',
        'Not starting job because prior execution is running and concurrency policy is Forbid',
      );
      return;
    }
    if (concurrencyPolicy === 'Replace' && !(yield* this.#replaceActive(turn))) return;
    const job = yield* this.#create(turn, draftJob(cronJob, name, zonedTime(atMs, schedule.zone)));
    if (!job) return;
    status.active = [...(status.active ?? []), referenceTo(job)];
    status.lastScheduleTime = formatTime(atMs);
  }

  /** Deletes what still runs; false if something could not be. */
  *#replaceActive(turn: Turn): Call<boolean> {
    for (const { name, namespace, uid } of turn.status.active ?? []) {
      const job = yield* this.#find(name!, namespace!);
      if (job && !(yield* this.#delete(turn, job))) {
        this.#queue.addAfter(turn.cronJob.metadata.uid, 1_000);
        return false;
      }
      turn.status.active = turn.status.active?.filter((reference) => reference.uid !== uid);
    }
    return true;
  }

  /** The Job, also if it was made before and is not in the status yet; undefined if it is somebody else's or known. */
  *#create({ cronJob, status }: Turn, draft: Draft<Job>): Call<Job | undefined> {
    try {
      const job = yield* this.#client.create(jobs, draft);
      this.#recorder.normal(cronJob, 'SuccessfulCreate', `Created job ${job.metadata.name}`);
      return job;
    } catch (error) {
      if (isAlreadyExists(error)) {
        const job = yield* this.#client.get(jobs, { name: draft.metadata.name!, namespace: draft.metadata.namespace });
        const isOurs = controllerOf(job)?.uid === cronJob.metadata.uid;
        return isOurs && !status.active?.some(({ uid }) => uid === job.metadata.uid) ? job : undefined;
      }
      if (!isNamespaceTerminating(error))
        this.#recorder.warning(cronJob, 'FailedCreate', `Error creating job: ${(error as Error).message}`);
      throw error;
    }
  }
}

function draftJob(cronJob: CronJob, name: string, scheduled: string): Draft<Job> {
  const { metadata, spec } = cronJob.spec.jobTemplate;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace: cronJob.metadata.namespace,
      labels: metadata?.labels,
      annotations: { ...metadata?.annotations, [scheduledAnnotation]: scheduled },
      ownerReferences: [newControllerRef(cronJob, cronJobs)],
    },
    spec,
  };
}

function referenceTo({ metadata: { name, namespace, uid, resourceVersion } }: Job): ObjectReference {
  return { apiVersion: 'batch/v1', kind: 'Job', name, namespace, uid, resourceVersion };
}
