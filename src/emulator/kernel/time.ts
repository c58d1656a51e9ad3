/**
 * Wall-clock time of the cluster: virtual milliseconds on top of an epoch, printed as Kubernetes prints times.
 * Strings of one second are one string, shared by every object written in it.
 */
import type { EventLoop } from './event-loop.ts';

const dayMs = 86_400_000;

export interface CivilTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly ms: number;
  /** 0 is Sunday. */
  readonly weekday: number;
}

/** UTC calendar fields of a Unix time in milliseconds (proleptic Gregorian, by Hinnant's days algorithm). */
export function civilTime(unixMs: number): CivilTime {
  const days = Math.floor(unixMs / dayMs);
  const rest = unixMs - days * dayMs;
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1,
    hour: Math.floor(rest / 3_600_000),
    minute: Math.floor(rest / 60_000) % 60,
    second: Math.floor(rest / 1000) % 60,
    ms: Math.floor(rest % 1000),
    weekday: (((days + 4) % 7) + 7) % 7,
  };
}

/** Unix milliseconds of a UTC calendar time. */
export function unixMs(year: number, month: number, day: number, hour = 0, minute = 0, second = 0): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return (era * 146_097 + dayOfEra - 719_468) * dayMs + ((hour * 60 + minute) * 60 + second) * 1000;
}

const two = (n: number): string => (n < 10 ? `0${n}` : String(n));

/** RFC 3339 with seconds, as metav1.Time is written. */
export function formatTime(unix: number): string {
  const t = civilTime(unix);
  // Joined: a text put together in a template would be kept as its parts.
  return [t.year, '-', two(t.month), '-', two(t.day), 'T', two(t.hour), ':', two(t.minute), ':', two(t.second), 'Z'].join('');
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** RFC 1123 with a numeric zone: `Mon, 01 Sep 2025 00:00:00 +0000`. */
export function formatLongTime(unix: number): string {
  const t = civilTime(unix);
  return `${weekdays[t.weekday]}, ${two(t.day)} ${months[t.month - 1]} ${t.year} ${two(t.hour)}:${two(t.minute)}:${two(t.second)} +0000`;
}

/** Unix milliseconds of an RFC 3339 time, undefined if it is not one. */
export function parseTime(text: string): number | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))$/.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [number, number, number, number, number, number];
  const offset = match[8] ? (Number(match[9]) * 60 + Number(match[10])) * (match[8] === '-' ? -60_000 : 60_000) : 0;
  return unixMs(year, month, day, hour, minute, second) + Math.floor(Number(match[7] ?? 0) * 1000) - offset;
}

/** What a clock has been set to: so far off from `fromMs` of virtual time on. */
interface ClockStep {
  readonly fromMs: number;
  readonly offsetMs: number;
}

/** The clock of a machine. It runs with virtual time, and stands wherever somebody has set it. */
export class WallClock {
  /** Unix milliseconds at virtual time 0, by what the clock says now. */
  epochMs: number;
  readonly #loop: EventLoop;
  /** The clock whose texts this one shares as long as both say the same. */
  readonly #like: WallClock | undefined;
  #steps: ClockStep[] | undefined;
  #second = -1;
  #stamp = '';
  #microAt = -1;
  #micro = '';

  constructor(loop: EventLoop, epochMs: number, like?: WallClock) {
    this.#loop = loop;
    this.epochMs = epochMs;
    this.#like = like;
  }

  /** The clock of one machine, right until it is set. */
  ofMachine(): WallClock {
    return new WallClock(this.#loop, this.epochMs, this);
  }

  get unixMs(): number {
    return this.epochMs + this.#loop.now;
  }

  /** By how much it is ahead of the time that it should say; negative when it is behind. */
  get offsetMs(): number {
    return this.#steps?.at(-1)?.offsetMs ?? 0;
  }

  /** Sets the clock: from now on it is off by so much. */
  setOffset(offsetMs: number): void {
    if (offsetMs === this.offsetMs) return;
    this.epochMs += offsetMs - this.offsetMs;
    (this.#steps ??= []).push({ fromMs: this.#loop.now, offsetMs });
    this.#second = -1;
    this.#microAt = -1;
  }

  /** Unix milliseconds that the clock showed at a virtual time: what was written then, whatever it says now. */
  at(virtualMs: number): number {
    if (!this.#steps) return this.epochMs + virtualMs;
    const then = this.#steps.findLast(({ fromMs }) => fromMs <= virtualMs)?.offsetMs ?? 0;
    return this.epochMs - this.offsetMs + then + virtualMs;
  }

  /** metav1.Time of now: RFC 3339 with seconds. */
  timestamp(): string {
    if (this.#like && this.#like.epochMs === this.epochMs) return this.#like.timestamp();
    const second = Math.floor(this.unixMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#stamp = formatTime(second * 1000);
    }
    return this.#stamp;
  }

  /** metav1.MicroTime of now: RFC 3339 with microseconds. */
  microTime(): string {
    if (this.#like && this.#like.epochMs === this.epochMs) return this.#like.microTime();
    if (this.#loop.now !== this.#microAt) {
      this.#microAt = this.#loop.now;
      const ms = this.unixMs;
      this.#micro = [formatTime(ms).slice(0, -1), '.', String(Math.floor(ms % 1000)).padStart(3, '0'), '000Z'].join('');
    }
    return this.#micro;
  }

  /** Virtual milliseconds at which an RFC 3339 time is or was, by what the clock says now. */
  virtualMs(time: string): number {
    return parseTime(time)! - this.epochMs;
  }
}
