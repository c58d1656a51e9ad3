/** Timestamps and durations of expressions, to the nanosecond. */
import { civilTime, parseTime } from '../../kernel/time.ts';

const second = 1_000_000_000n;

/** RFC 3339 to nanoseconds since 1970; undefined when it is none. */
export function parseTimestamp(text: string): bigint | undefined {
  const fraction = /\.(\d{1,9})\d*/.exec(text);
  const ms = parseTime(text.replace(/\.\d+/, ''));
  if (ms === undefined) return undefined;
  return BigInt(Math.floor(ms / 1000)) * second + BigInt((fraction?.[1] ?? '0').padEnd(9, '0'));
}

export function formatTimestamp(ns: bigint): string {
  const rest = ((ns % second) + second) % second;
  const { year, month, day, hour, minute, second: s } = civilTime(Number((ns - rest) / 1_000_000n));
  const two = (n: number): string => String(n).padStart(2, '0');
  const fraction = rest === 0n ? '' : `.${String(rest).padStart(9, '0').replace(/0+$/, '')}`;
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(s)}${fraction}Z`;
}

const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  ms: 1_000_000n,
  s: second,
  m: 60n * second,
  h: 3600n * second,
};

/** Go's form: `1h30m`, `1.5s`, `-2ms`. */
export function parseDuration(text: string): bigint | undefined {
  const match = /^([+-]?)((?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/.exec(text);
  if (!match) return /^[+-]?0$/.test(text) ? 0n : undefined;
  let total = 0n;
  for (const [, whole = '', , fraction = '', unit] of text.matchAll(/(\d*)(\.(\d*))?(ns|us|µs|ms|s|m|h)/g)) {
    const scale = units[unit!]!;
    total += BigInt(whole || '0') * scale;
    if (fraction !== '') total += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
  }
  return match[1] === '-' ? -total : total;
}

/** As CEL prints a duration: in seconds. */
export function formatDuration(ns: bigint): string {
  const size = ns < 0n ? -ns : ns;
  const fraction =
    size % second === 0n
      ? ''
      : `.${String(size % second)
          .padStart(9, '0')
          .replace(/0+$/, '')}`;
  return `${ns < 0n ? '-' : ''}${size / second}${fraction}s`;
}

/** Minutes east of UTC of `+05:30` or `UTC`; undefined for a name of a place, which the emulator does not know. */
export function zoneMinutes(zone: string): number | undefined {
  if (zone === '' || zone === 'UTC' || zone === 'Etc/UTC' || zone === 'GMT') return 0;
  const match = /^([+-]?)(\d\d):(\d\d)$/.exec(zone);
  if (!match) return undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' ? -minutes : minutes;
}

/** The parts of a time in a zone. */
export function partsOf(
  ns: bigint,
  minutesEast: number,
): ReturnType<typeof civilTime> & { readonly weekday: number; readonly yearDay: number } {
  const ms = Number(ns / 1_000_000n) + minutesEast * 60_000;
  const parts = civilTime(ms);
  const days = Math.floor(ms / 86_400_000);
  const newYear = Math.floor(parseTime(`${String(parts.year).padStart(4, '0')}-01-01T00:00:00Z`)! / 86_400_000);
  return { ...parts, weekday: (((days + 4) % 7) + 7) % 7, yearDay: days - newYear };
}
