/**
 * Cron schedules as github.com/robfig/cron/v3 reads them, which CronJobs are written for: five fields, `@hourly` and its like,
 * `@every 90m`. A schedule answers one question, when it is next due, in a time zone.
 */
import { civilTime, unixMs } from '../kernel/time.ts';
import { durationError, parseDuration } from './duration.ts';
import { quote } from './go-quote.ts';
import type { TimeZone } from './time-zone.ts';

export interface CronSchedule {
  /** The first time after this one, in Unix milliseconds; undefined if there is none within five years: 31 February never comes. */
  next(afterMs: number, zone: TimeZone): number | undefined;
}

/** A line that cannot be read; the message is upstream's. */
export class CronError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CronError';
  }
}

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const bounds = {
  minute: { min: 0, max: 59 },
  hour: { min: 0, max: 23 },
  day: { min: 1, max: 31 },
  month: { min: 1, max: 12, names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] },
  weekday: { min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
} satisfies Readonly<Record<string, Bounds>>;

/** What one field asks for. */
interface Field {
  readonly has: readonly boolean[];
  /** `*` without a step: of day and weekday the other one then decides alone. */
  readonly isStar: boolean;
}

const descriptors: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** Reads a schedule. Throws a CronError. */
export function parseCron(text: string): CronSchedule {
  const line = text.replace(/^(CRON_)?TZ=\S*\s*/, '');
  if (line === '') throw new CronError('empty spec string');
  if (line.startsWith('@every ')) return everySchedule(line.slice('@every '.length), line);
  if (line.startsWith('@') && !descriptors[line]) throw new CronError(`unrecognized descriptor: ${line}`);
  const fields = (descriptors[line] ?? line).split(/\s+/).filter((field) => field !== '');
  if (fields.length !== 5) throw new CronError(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`);
  const [minute, hour, day, month, weekday] = Object.values(bounds).map((limits, i) => parseField(fields[i]!, limits)) as [
    Field,
    Field,
    Field,
    Field,
    Field,
  ];
  return { next: (afterMs, zone) => nextOf({ minute, hour, day, month, weekday }, afterMs, zone) };
}

function everySchedule(duration: string, line: string): CronSchedule {
  const ms = parseDuration(duration);
  if (ms === undefined) throw new CronError(`failed to parse duration ${line}: ${durationError(duration)}`);
  const stepMs = Math.max(1000, Math.floor(ms / 1000) * 1000);
  return { next: (afterMs) => Math.floor(afterMs / 1000) * 1000 + stepMs };
}

function parseField(text: string, limits: Bounds): Field {
  const has = new Array<boolean>(limits.max + 1).fill(false);
  let isStar = false;
  for (const part of text.split(',').filter((one) => one !== '')) isStar = addRange(part, limits, has) || isStar;
  return { has, isStar };
}

/** Adds `N`, `N-M`, `*` or one of these with `/STEP`; whether it was a bare star. */
function addRange(text: string, limits: Bounds, has: boolean[]): boolean {
  const [range, stepText, ...moreSteps] = text.split('/') as [string, ...string[]];
  const [first, last, ...moreLimits] = range.split('-') as [string, ...string[]];
  const isStar = first === '*' || first === '?';
  if (!isStar && moreLimits.length > 0) throw new CronError(`too many hyphens: ${text}`);
  let start = isStar ? limits.min : parseNumber(first, limits);
  let end = isStar ? limits.max : last === undefined ? start : parseNumber(last, limits);
  if (moreSteps.length > 0) throw new CronError(`too many slashes: ${text}`);
  const step = stepText === undefined ? 1 : parseNumber(stepText, { min: 0, max: 0 });
  if (stepText !== undefined && !isStar && last === undefined) end = limits.max;
  if (start < limits.min) throw new CronError(`beginning of range (${start}) below minimum (${limits.min}): ${text}`);
  if (end > limits.max) throw new CronError(`end of range (${end}) above maximum (${limits.max}): ${text}`);
  if (start > end) throw new CronError(`beginning of range (${start}) beyond end of range (${end}): ${text}`);
  if (step === 0) throw new CronError(`step of range should be a positive number: ${text}`);
  for (; start <= end; start += step) has[start] = true;
  return isStar && step === 1;
}

function parseNumber(text: string, { min, names }: Bounds): number {
  const named = names?.indexOf(text.toLowerCase()) ?? -1;
  if (named >= 0) return named + min;
  if (!/^[+-]?\d+$/.test(text))
    throw new CronError(`failed to parse int from ${text}: strconv.Atoi: parsing ${quote(text)}: invalid syntax`);
  if (Number(text) < 0) throw new CronError(`negative number (${Number(text)}) not allowed: ${text}`);
  return Number(text);
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Goes from month to day to hour to minute, each time to the first that may match, and gives up after five years. */
function nextOf(fields: Readonly<Record<keyof typeof bounds, Field>>, afterMs: number, zone: TimeZone): number | undefined {
  let at = (Math.floor(afterMs / minuteMs) + 1) * minuteMs;
  const lastYear = civilTime(at + zone.offsetMs(at)).year + 5;
  for (;;) {
    const { year, month, day, hour, minute, weekday } = civilTime(at + zone.offsetMs(at));
    if (year > lastYear) return undefined;
    if (!fields.month.has[month]) at = fromLocal(month === 12 ? unixMs(year + 1, 1, 1) : unixMs(year, month + 1, 1), zone);
    else if (!isDay(fields, day, weekday)) at = fromLocal(unixMs(year, month, day) + 24 * hourMs, zone);
    else if (!fields.hour.has[hour]) at += hourMs - minute * minuteMs;
    else if (!fields.minute.has[minute]) at += minuteMs;
    else return at;
  }
}

/** Either of day and weekday is enough when both are asked for. */
function isDay({ day, weekday }: { readonly day: Field; readonly weekday: Field }, dayOfMonth: number, dayOfWeek: number): boolean {
  const [a, b] = [day.has[dayOfMonth]!, weekday.has[dayOfWeek]!];
  return day.isStar || weekday.isStar ? a && b : a || b;
}

/** The Unix time of a local one; of a local time that is skipped, the moment when the clock jumps over it. */
function fromLocal(localMs: number, zone: TimeZone): number {
  const early = localMs - zone.offsetMs(localMs - zone.offsetMs(localMs));
  return early + zone.offsetMs(early) === localMs ? early : localMs - zone.offsetMs(localMs - 24 * hourMs);
}
