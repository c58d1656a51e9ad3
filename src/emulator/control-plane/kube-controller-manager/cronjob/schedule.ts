/** When a CronJob is due (pkg/controller/cronjob/utils.go). */
import type { CronJob } from '../../../api/generated/types.ts';
import { formatTime, parseTime } from '../../../kernel/time.ts';
import type { CronSchedule } from '../../../machinery/cron.ts';
import type { TimeZone } from '../../../machinery/time-zone.ts';

/** A start is looked for this long after it was due, so that clocks that differ a little do not miss it. */
const nextScheduleDeltaMs = 100;
const manyMissed = 100;

export interface Schedule {
  readonly cron: CronSchedule;
  readonly zone: TimeZone;
}

interface Recent {
  /** Unix milliseconds from which starts are looked for. */
  readonly earliestMs: number;
  /** The last start that was due, undefined if there is none. */
  readonly atMs: number | undefined;
  readonly missed: 'none' | 'few' | 'many';
}

/** A schedule of which two starts cannot be told apart: one that never comes. */
export const neverDue = 'time difference between two schedules is less than 1 second';

/**
 * The last start that was due by now, without going through all that were missed: their number is estimated from the distance
 * of the first two. The text `neverDue` when the schedule has no start.
 */
function mostRecent(
  { metadata, spec, status }: CronJob,
  nowMs: number,
  { cron, zone }: Schedule,
  withinDeadline: boolean,
): Recent | typeof neverDue {
  let earliestMs = parseTime(status?.lastScheduleTime ?? metadata.creationTimestamp)!;
  if (withinDeadline && spec.startingDeadlineSeconds !== undefined)
    earliestMs = Math.max(earliestMs, nowMs - spec.startingDeadlineSeconds * 1000);
  const first = cron.next(earliestMs, zone);
  const second = first === undefined ? undefined : cron.next(first, zone);
  if (first === undefined || second === undefined) return neverDue;
  if (nowMs < first) return { earliestMs, atMs: undefined, missed: 'none' };
  if (nowMs < second) return { earliestMs, atMs: first, missed: 'none' };
  const periodMs = second - first;
  const count = Math.floor((nowMs - first) / periodMs) + 1;
  let atMs: number | undefined;
  let next = cron.next(first + (count - 2) * periodMs, zone);
  while (next !== undefined && next <= nowMs) {
    atMs = next;
    next = cron.next(next, zone);
  }
  return { earliestMs, atMs, missed: count > manyMissed ? 'many' : 'few' };
}

/** The start that is due and was not made yet. */
export function dueStart(cronJob: CronJob, nowMs: number, schedule: Schedule): Pick<Recent, 'atMs' | 'missed'> | typeof neverDue {
  return mostRecent(cronJob, nowMs, schedule, true);
}

/** Virtual milliseconds until the next start; undefined if there will be none. */
export function msUntilNext(cronJob: CronJob, nowMs: number, schedule: Schedule): number | undefined {
  const recent = mostRecent(cronJob, nowMs, schedule, false);
  const from = recent === neverDue ? nowMs : (recent.atMs ?? (recent.missed === 'none' ? recent.earliestMs : nowMs));
  const next = schedule.cron.next(from, schedule.zone);
  return next === undefined ? undefined : next + nextScheduleDeltaMs - nowMs;
}

/** RFC 3339 in the zone of the schedule. */
export function zonedTime(atMs: number, zone: TimeZone): string {
  const minutes = zone.offsetMs(atMs) / 60_000;
  if (minutes === 0) return formatTime(atMs);
  const two = (n: number): string => String(n).padStart(2, '0');
  const offset = `${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
  return formatTime(atMs + minutes * 60_000).replace('Z', offset);
}
