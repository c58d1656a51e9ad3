/** JSON values as jq orders, names, adds and prints them. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export class JqError extends Error {
  readonly value: Json;
  constructor(value: Json) {
    super(typeof value === 'string' ? value : `${toJson(value)} (not a string)`);
    this.value = value;
  }
}

export function typeOf(value: Json): 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object' {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : (typeof value as 'boolean' | 'number' | 'string' | 'object');
}

export function isObject(value: Json): value is JsonObject {
  return typeOf(value) === 'object';
}

const order = ['null', 'false', 'true', 'number', 'string', 'array', 'object'];

function rank(value: Json): number {
  return order.indexOf(typeof value === 'boolean' ? String(value) : typeOf(value));
}

export function compare(a: Json, b: Json): number {
  const difference = rank(a) - rank(b);
  if (difference !== 0) return difference;
  if (typeof a === 'number') return a - (b as number);
  if (typeof a === 'string') return Number(a > (b as string)) - Number(a < (b as string));
  if (Array.isArray(a)) {
    const other = b as readonly Json[];
    for (let i = 0; i < Math.min(a.length, other.length); i++) {
      const result = compare(a[i]!, other[i]!);
      if (result !== 0) return result;
    }
    return a.length - other.length;
  }
  if (!isObject(a)) return 0;
  const [left, right] = [Object.keys(a).sort(), Object.keys(b as JsonObject).sort()];
  const keys = compare(left, right);
  if (keys !== 0) return keys;
  for (const key of left) {
    const result = compare(a[key]!, (b as JsonObject)[key]!);
    if (result !== 0) return result;
  }
  return 0;
}

export const isTrue = (value: Json): boolean => value !== null && value !== false;

/** Compact JSON. */
export function toJson(value: Json): string {
  if (typeof value === 'number') return numberText(value);
  if (Array.isArray(value)) return `[${value.map(toJson).join(',')}]`;
  if (isObject(value))
    return `{${Object.entries(value)
      .map(([key, item]) => `${JSON.stringify(key)}:${toJson(item)}`)
      .join(',')}}`;
  return JSON.stringify(value);
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'null';
  if (!Number.isFinite(value)) return value > 0 ? '1.7976931348623157e+308' : '-1.7976931348623157e+308';
  return (Object.is(value, -0) ? '-0' : JSON.stringify(value)).replace(/e\+?(-?)(\d)$/, 'e$1$2');
}

export const colors = { null: '1;30', boolean: '0;39', number: '0;39', string: '0;32', array: '1;39', object: '1;39', key: '34;1' };

export interface PrintOptions {
  readonly indent: number | '\t';
  readonly sortKeys: boolean;
  readonly isColored: boolean;
}

/** JSON as jq prints it, over several lines unless the indent is 0. */
export function print(value: Json, options: PrintOptions, depth = 0): string {
  const paint = (code: string, text: string): string => (options.isColored ? `\x1b[${code}m${text}\x1b[0m` : text);
  const step = options.indent === '\t' ? '\t' : ' '.repeat(options.indent);
  const isCompact = options.indent === 0;
  const line = (level: number): string => (isCompact ? '' : `\n${step.repeat(level)}`);
  const kind = typeOf(value);
  if (Array.isArray(value)) {
    if (value.length === 0) return paint(colors.array, '[]');
    if (!options.isColored) return `[${value.map((item) => line(depth + 1) + print(item, options, depth + 1)).join(',')}${line(depth)}]`;
    const comma = paint(colors.array, ',');
    return `\x1b[${colors.array}m[${value.map((item) => line(depth + 1) + print(item, options, depth + 1)).join(comma)}\x1b[${colors.array}m${line(depth)}]\x1b[0m`;
  }
  if (isObject(value)) {
    const keys = Object.keys(value);
    if (options.sortKeys) keys.sort();
    if (keys.length === 0) return paint(colors.object, '{}');
    const gap = isCompact ? ':' : ': ';
    if (!options.isColored)
      return `{${keys.map((key) => `${line(depth + 1)}${JSON.stringify(key)}${gap}${print(value[key]!, options, depth + 1)}`).join(',')}${line(depth)}}`;
    const entries = keys.map(
      (key) =>
        `${line(depth + 1)}${paint(colors.key, JSON.stringify(key))}${paint(colors.object, ':')}${isCompact ? '' : ' '}${print(value[key]!, options, depth + 1)}`,
    );
    return `\x1b[${colors.object}m{${entries.join(paint(colors.object, ','))}\x1b[${colors.object}m${line(depth)}}\x1b[0m`;
  }
  return paint(colors[kind], toJson(value));
}

/** A value as an error message shows it: its JSON, cut short. */
export function shortened(value: Json): string {
  const text = toJson(value);
  return text.length > 11 ? `${text.slice(0, 10)}...` : text;
}

export function add(a: Json, b: Json): Json {
  if (a === null) return b;
  if (b === null) return a;
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (typeof a === 'string' && typeof b === 'string') return a + b;
  if (Array.isArray(a) && Array.isArray(b)) return [...a, ...b];
  if (isObject(a) && isObject(b)) return { ...a, ...b };
  throw new JqError(`${typeOf(a)} (${shortened(a)}) and ${typeOf(b)} (${shortened(b)}) cannot be added`);
}

export function merge(a: JsonObject, b: JsonObject): JsonObject {
  const result: Record<string, Json> = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const before = result[key];
    result[key] = before !== undefined && isObject(before) && isObject(value) ? merge(before, value) : value;
  }
  return result;
}

export function arithmetic(operator: string, a: Json, b: Json): Json {
  const fail = (word: string): never => {
    throw new JqError(`${typeOf(a)} (${shortened(a)}) and ${typeOf(b)} (${shortened(b)}) cannot be ${word}`);
  };
  switch (operator) {
    case '+':
      return add(a, b);
    case '-':
      if (typeof a === 'number' && typeof b === 'number') return a - b;
      if (Array.isArray(a) && Array.isArray(b)) return a.filter((item) => !b.some((other) => compare(item, other) === 0));
      return fail('subtracted');
    case '*':
      if (typeof a === 'number' && typeof b === 'number') return a * b;
      if (isObject(a) && isObject(b)) return merge(a, b);
      if (typeof a === 'string' && typeof b === 'number') return b <= 0 ? null : a.repeat(Math.min(100_000, Math.ceil(b)));
      return fail('multiplied');
    case '/':
      if (typeof a === 'number' && typeof b === 'number') return b === 0 ? fail('divided because the divisor is zero') : a / b;
      if (typeof a === 'string' && typeof b === 'string') return a === '' ? [] : a.split(b);
      return fail('divided');
    default:
      if (typeof a !== 'number' || typeof b !== 'number') return fail('divided (remainder)');
      return Math.trunc(b) === 0 ? fail('divided because the divisor is zero') : Math.trunc(a) % Math.abs(Math.trunc(b)) || 0;
  }
}
