/** `'%s has %d'.format([a, b])`: cel-go/ext/formatting.go. */
import { CelError } from '../errors.ts';
import type { Meter } from '../errors.ts';
import { formatDuration, formatTimestamp } from '../time.ts';
import type { Value } from '../values.ts';
import { Bytes, Duration, isMapValue, Opaque, Timestamp, TypeValue, typeNameOf, Uint } from '../values.ts';
import { textOf, utf8 } from '../../../kernel/bytes.ts';
import { doubleText } from './conversions.ts';

export function formatText(template: string, args: readonly Value[], meter: Meter): string {
  let next = 0;
  const text = template.replace(
    /%(?:\.(\d+))?([sdfebxXo%])|%/g,
    (whole: string, precision: string | undefined, verb: string | undefined) => {
      if (verb === '%') return '%';
      if (verb === undefined) throw new CelError(`could not parse formatting clause: unrecognized formatting clause "${whole}"`);
      if (next >= args.length) throw new CelError(`index ${next} out of range`);
      return formatOne(verb, args[next++]!, precision === undefined ? 6 : Number(precision));
    },
  );
  meter.text(text.length);
  return text;
}

function formatOne(verb: string, value: Value, precision: number): string {
  const wrong = (): never => {
    throw new CelError(
      `error during formatting: ${verbNames[verb] ?? 'formatting'} clause can only be used on ${accepted[verb] ?? 'values'}, was given ${typeNameOf(value)}`,
    );
  };
  if (verb === 's') return plain(value);
  const number = value instanceof Uint ? value.value : value;
  switch (verb) {
    case 'd':
      return typeof number === 'bigint' ? String(number) : typeof number === 'number' ? doubleText(number) : wrong();
    case 'f':
      return typeof number === 'number' || typeof number === 'bigint' ? Number(number).toFixed(precision) : wrong();
    case 'e':
      return typeof number === 'number' || typeof number === 'bigint'
        ? Number(number)
            .toExponential(precision)
            .replace(/e([+-])(\d)$/, 'e$10$2')
        : wrong();
    case 'b':
      return typeof value === 'boolean' ? (value ? '1' : '0') : typeof number === 'bigint' ? number.toString(2) : wrong();
    case 'o':
      return typeof number === 'bigint' ? number.toString(8) : wrong();
    default: {
      const hex =
        typeof number === 'bigint'
          ? number.toString(16)
          : typeof value === 'string'
            ? hexOf(utf8(value))
            : value instanceof Bytes
              ? hexOf(value.data)
              : wrong();
      return verb === 'X' ? hex.toUpperCase() : hex;
    }
  }
}

const verbNames: Readonly<Record<string, string>> = {
  d: 'decimal',
  f: 'fixed-point',
  e: 'scientific',
  b: 'binary',
  o: 'octal',
  x: 'hex',
  X: 'hex',
};
const accepted: Readonly<Record<string, string>> = {
  d: 'integers',
  f: 'doubles',
  e: 'doubles',
  b: 'integers and bools',
  o: 'integers',
  x: 'integers, byte buffers, and strings',
  X: 'integers, byte buffers, and strings',
};

const hexOf = (bytes: string): string => [...bytes].map((byte) => byte.charCodeAt(0).toString(16).padStart(2, '0')).join('');

/** A value as `%s` shows it. */
function plain(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return doubleText(value);
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${value.map(plain).join(', ')}]`;
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Bytes) return textOf(value.data);
  if (value instanceof Timestamp) return formatTimestamp(value.ns);
  if (value instanceof Duration) return formatDuration(value.ns);
  if (value instanceof TypeValue) return value.name;
  if (value instanceof Opaque) return value.key;
  if (isMapValue(value)) {
    const entries = value.keys().map((key) => [plain(key), plain(value.get(key)!)] as const);
    return `{${entries
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => `${key}: ${item}`)
      .join(', ')}}`;
  }
  throw new CelError(
    `error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given ${typeNameOf(value)}`,
  );
}
