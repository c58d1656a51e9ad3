/** awk's values: numbers, strings, and strings from input, which are numbers too when they look like one. */
import { formatNumber as formatC } from '../../format.ts';
import { posixRegExp } from '../../regular-expression.ts';

export interface InputString {
  readonly text: string;
  readonly looksNumeric: boolean;
  readonly number: number;
}

export type Value = number | string | InputString;

const numeric = /^\s*[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)\s*$/;

export function numberOf(value: Value): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'object') return value.number;
  const match = /^\s*[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)/.exec(value);
  return match ? Number(match[0]) : 0;
}

function field(text: string): InputString {
  return { text, looksNumeric: numeric.test(text), number: numberOf(text) };
}

/** How records become fields: a blank separator means runs of white space, one character itself, more a regular expression. */
export const split = {
  field,
  record(text: string, separator: string): Value[] {
    if (text === '') return [];
    if (separator === ' ') return (text.match(/[^ \t\n]+/g) ?? []).map(field);
    if (separator === '') return [...text].map(field);
    if (separator.length === 1 && separator !== '\\') return text.split(separator).map(field);
    return split.byRegExp(text, separator);
  },
  byRegExp(text: string, source: string): Value[] {
    if (text === '') return [];
    const parts: string[] = [];
    let from = 0;
    for (const match of text.matchAll(posixRegExp(source, { extended: true, global: true }))) {
      if (match[0] === '') continue;
      parts.push(text.slice(from, match.index));
      from = match.index + match[0].length;
    }
    return [...parts, text.slice(from)].map(field);
  },
};

/** A number as text: whole ones in full, others with CONVFMT's default `%.6g`. */
export function formatNumber(value: number): string {
  return Number.isInteger(value) ? (Math.abs(value) < 1e16 ? String(value) : BigInt(value).toString()) : formatC('g', value, '', 6);
}

/** printf of awk. */
export function formatAwk(format: string, values: readonly Value[]): string {
  const rest = [...values];
  return format.replace(
    /%([-+ 0#]*)(\*|\d+)?(?:\.(\*|\d+))?([a-zA-Z%])/g,
    (_, flags: string, width: string | undefined, precision: string | undefined, kind: string) => {
      if (kind === '%') return '%';
      const size = (text: string | undefined): number | undefined =>
        text === '*' ? numberOf(rest.shift() ?? 0) : text === undefined ? undefined : Number(text);
      const [columns, digits] = [size(width), size(precision)];
      const value = rest.shift() ?? '';
      const text = typeof value === 'object' ? value.text : typeof value === 'number' ? formatNumber(value) : value;
      let out: string;
      if (kind === 's') out = digits === undefined ? text : [...text].slice(0, digits).join('');
      else if (kind === 'c')
        out = typeof value === 'number' ? String.fromCodePoint(Math.max(0, Math.trunc(value)) % 0x11_0000) : ([...text][0] ?? '');
      else out = formatC(kind, numberOf(value), flags, digits);
      const pad = Math.abs(columns ?? 0);
      if (flags.includes('-') || (columns ?? 0) < 0) return out.padEnd(pad);
      const zero = flags.includes('0') && kind !== 's' && kind !== 'c';
      const sign = zero ? (/^[-+ ]/.exec(out)?.[0] ?? '') : '';
      return zero ? sign + out.slice(sign.length).padStart(pad - sign.length, '0') : out.padStart(pad);
    },
  );
}
