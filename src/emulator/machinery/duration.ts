/**
 * Durations: Go's `time.Duration` text, and the short ages of kubectl's columns. Milliseconds throughout.
 * Upstream: `apimachinery/pkg/util/duration/duration.go`; Go's `time.ParseDuration` and `Duration.String`.
 */
const unitNs: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** Milliseconds of a text such as `1h30m`, `300ms`, `-1.5h`, `0`; undefined when Go would refuse it. */
export function parseDuration(text: string): number | undefined {
  const match = /^([-+]?)(.*)$/s.exec(text)!;
  const rest = match[2]!;
  if (rest === '0') return 0;
  if (!/^((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/.test(rest)) return undefined;
  let ns = 0;
  for (const part of rest.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) ns += Number(part[1]) * unitNs[part[2]!]!;
  if (ns >= 2 ** 63) return undefined;
  return (match[1] === '-' ? -ns : ns) / 1e6;
}

/** What Go's flag and JSON decoders say of a text that is no duration: `time: invalid duration "x"`. */
export function durationError(text: string): string {
  const rest = text.replace(/^[-+]/, '');
  if (rest === '' || !/^[\d.]/.test(rest)) return `time: invalid duration ${JSON.stringify(text)}`;
  const unit = /^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))*(?:\d+(?:\.\d*)?|\.\d+)([^\d.]*)/.exec(rest)?.[1];
  if (unit === undefined) return `time: invalid duration ${JSON.stringify(text)}`;
  if (unit === '') return `time: missing unit in duration ${JSON.stringify(text)}`;
  return `time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`;
}

/** Go's text of a duration: `1h0m0s`, `1.5s`, `300ms`, `0s`. */
export function formatDuration(ms: number): string {
  const ns = Math.round(Math.abs(ms) * 1e6);
  const sign = ms < 0 && ns > 0 ? '-' : '';
  if (ns === 0) return '0s';
  if (ns < 1e3) return `${sign}${ns}ns`;
  if (ns < 1e6) return `${sign}${fraction(ns, 1e3)}µs`;
  if (ns < 1e9) return `${sign}${fraction(ns, 1e6)}ms`;
  const seconds = Math.floor(ns / 1e9);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = fraction((seconds % 60) * 1e9 + (ns % 1e9), 1e9);
  if (hours > 0) return `${sign}${hours}h${minutes}m${rest}s`;
  return minutes > 0 ? `${sign}${minutes}m${rest}s` : `${sign}${rest}s`;
}

function fraction(value: number, unit: number): string {
  const digits = String(unit).length - 1;
  const rest = String(value % unit)
    .padStart(digits, '0')
    .replace(/0+$/, '');
  return `${Math.floor(value / unit)}${rest === '' ? '' : `.${rest}`}`;
}

/** Two units at most, of which the second only while it matters: `95s`, `4m12s`, `3d4h`, `2y10d`. Upstream: `HumanDuration`. */
export function humanDuration(ms: number): string {
  // A little in the future counts as now: clocks of two machines differ.
  const seconds = Math.trunc(ms / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return two(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return two(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  if (hours < 24 * 8) return two(Math.floor(hours / 24), 'd', hours % 24, 'h');
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24)}d`;
  if (hours < 24 * 365 * 8) return two(Math.floor(hours / 24 / 365), 'y', Math.floor(hours / 24) % 365, 'd');
  return `${Math.floor(hours / 24 / 365)}y`;
}

/** One unit: `59s`, `5m`, `3h`, `364d`, `9y`. Upstream: `ShortHumanDuration`. */
export function shortHumanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 60) return `${Math.max(0, seconds)}s`;
  const hours = Math.trunc(seconds / 3600);
  if (hours < 1) return `${Math.trunc(seconds / 60)}m`;
  if (hours < 24) return `${hours}h`;
  return hours < 24 * 365 ? `${Math.trunc(hours / 24)}d` : `${Math.trunc(hours / 24 / 365)}y`;
}

const two = (major: number, majorUnit: string, minor: number, minorUnit: string): string =>
  minor === 0 ? `${major}${majorUnit}` : `${major}${majorUnit}${minor}${minorUnit}`;
