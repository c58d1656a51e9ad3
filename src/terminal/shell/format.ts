/** printf's formats, for the builtin, the program and awk. */
import { formatDate } from './date-format.ts';
import { unescaped } from './escapes.ts';
import { backslashed } from './quoting.ts';

export interface Formatted {
  readonly text: string;
  readonly errors: readonly string[];
}

const directive = /%([-+ 0#']*)(\*|\d+)?(?:\.(\*|-?\d*))?(?:[hlLqjzt]*)(\([^)]*\)T|[a-zA-Z%]|$)/g;

/** printf(1) as bash has it. The format is used again while arguments are left. */
export function formatPrintf(format: string, args: readonly string[], { unixMs = 0 } = {}): Formatted {
  const rest = [...args];
  const errors: string[] = [];
  let text = '';
  let isStopped = false;
  do {
    const left = rest.length;
    let last = 0;
    for (const match of format.matchAll(directive)) {
      const plain = unescaped(format.slice(last, match.index));
      text += plain.text;
      isStopped ||= plain.stops;
      last = match.index + match[0].length;
      if (isStopped) break;
      const [whole, flags = '', width, precision, kind = ''] = match;
      if (kind === '%') {
        text += '%';
        continue;
      }
      const size = (value: string | undefined): number | undefined =>
        value === '*' ? Number(rest.shift() ?? 0) : value === undefined ? undefined : Number(value);
      const [columns, digits] = [size(width), size(precision)];
      if (!/^([sbqcdiouxXeEfFgG]|\(.*\)T)$/.test(kind)) {
        errors.push(kind === '' ? `\`${whole}': missing format character` : `\`${kind}': invalid format character`);
        return { text, errors };
      }
      const value = convert(kind, rest.shift(), flags, digits, errors, unixMs);
      if (kind === 'b' && value.stops) isStopped = true;
      text += pad(value.text, flags, columns, kind);
      if (isStopped) break;
    }
    if (!isStopped) {
      const plain = unescaped(format.slice(last));
      text += plain.text;
      isStopped = plain.stops;
    }
    if (rest.length === left || isStopped) break;
  } while (rest.length > 0);
  return { text, errors };
}

function pad(text: string, flags: string, columns: number | undefined, kind: string): string {
  const width = Math.abs(columns ?? 0);
  if (text.length >= width) return text;
  if (flags.includes('-') || (columns ?? 0) < 0) return text.padEnd(width);
  if (!flags.includes('0') || /[sbqc]/.test(kind)) return text.padStart(width);
  const sign = /^[-+ ]|^0[xX]/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}

function convert(
  kind: string,
  argument: string | undefined,
  flags: string,
  precision: number | undefined,
  errors: string[],
  unixMs: number,
): { readonly text: string; readonly stops?: boolean } {
  const value = argument ?? '';
  if (kind.endsWith('T')) {
    const seconds = argument === undefined || argument === '-1' || argument === '-2' ? Math.floor(unixMs / 1000) : number(value, errors);
    return { text: formatDate(seconds * 1000, kind.slice(1, -2) || '%H:%M:%S') };
  }
  switch (kind) {
    case 's':
      return { text: precision === undefined ? value : [...value].slice(0, precision).join('') };
    case 'c':
      return { text: [...value][0] ?? '' };
    case 'q':
      return { text: backslashed(value) };
    case 'b':
      return unescaped(value, { echo: true });
    default:
      return { text: formatNumber(kind, number(value, errors), flags, precision) };
  }
}

function number(text: string, errors: string[]): number {
  if (text === '') return 0;
  if (text.startsWith("'") || text.startsWith('"')) return text.codePointAt(1) ?? 0;
  const match = /^\s*([-+]?(?:0[xX][\da-fA-F]+|\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+))(.*)$/s.exec(text);
  if (!match) {
    errors.push(`${text}: invalid number`);
    return 0;
  }
  if (match[2] !== '') errors.push(`${text}: invalid number`);
  const digits = match[1]!;
  return /^[-+]?0[0-7]+$/.test(digits)
    ? (digits.startsWith('-') ? -1 : 1) * Number.parseInt(digits.replace(/^[-+]/, ''), 8)
    : Number(digits);
}

/** One number as C's printf writes it; `kind` is one of diouxXeEfFgG. */
export function formatNumber(kind: string, value: number, flags: string, precision: number | undefined): string {
  const plus = value >= 0 ? (flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '') : '';
  if (!Number.isFinite(value)) return plus + (Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf');
  switch (kind) {
    case 'd':
    case 'i': {
      const whole = Math.trunc(value);
      const digits = BigInt(Math.abs(whole))
        .toString()
        .padStart(precision ?? 1, '0');
      return `${plus}${whole < 0 ? '-' : ''}${digits}`;
    }
    case 'u':
    case 'o':
    case 'x':
    case 'X': {
      const digits = BigInt.asUintN(64, BigInt(Math.trunc(value)))
        .toString(kind === 'o' ? 8 : kind === 'u' ? 10 : 16)
        .padStart(precision ?? 1, '0');
      const prefixed = flags.includes('#') && value !== 0 ? (kind === 'o' ? `0${digits}` : kind === 'u' ? digits : `0x${digits}`) : digits;
      return kind === 'X' ? prefixed.toUpperCase() : prefixed;
    }
    case 'f':
    case 'F':
      return plus + value.toFixed(Math.min(precision ?? 6, 100));
    case 'e':
    case 'E': {
      const text = value.toExponential(Math.min(precision ?? 6, 100)).replace(/e([-+])(\d)$/, 'e$10$2');
      return plus + (kind === 'E' ? text.toUpperCase() : text);
    }
    default:
      return plus + general(value, precision ?? 6, kind, flags);
  }
}

function general(value: number, precision: number, kind: string, flags: string): string {
  const digits = Math.max(1, Math.min(precision, 100));
  const exponent = value === 0 ? 0 : Number(value.toExponential(digits - 1).split('e')[1]);
  const isShort = exponent >= -4 && exponent < digits;
  let text = isShort
    ? value.toFixed(Math.max(0, Math.min(100, digits - 1 - exponent)))
    : value.toExponential(digits - 1).replace(/e([-+])(\d)$/, 'e$10$2');
  if (!flags.includes('#')) text = text.replace(/(\.\d*?)0+(?=e|$)/, '$1').replace(/\.(?=e|$)/, '');
  return kind === 'G' ? text.toUpperCase() : text;
}
