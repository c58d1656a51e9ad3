/**
 * Values at run time. int is a bigint, double a number, list an array; the rest have classes. JSON becomes values as it is
 * looked at, by the type that a schema gives it.
 */
import type { ByteString } from '../../kernel/bytes.ts';
import { fromBase64 } from '../../kernel/bytes.ts';
import type { Quantity } from '../quantity.ts';
import { compareQuantities } from '../quantity.ts';
import { CelError } from './errors.ts';
import { parseDuration, parseTimestamp } from './time.ts';
import type { ObjectType, Type } from './types.ts';
import { double, dyn } from './types.ts';
import { reserved } from './reserved.ts';

export class Uint {
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

export class Bytes {
  readonly data: ByteString;
  constructor(data: ByteString) {
    this.data = data;
  }
}

/** Nanoseconds since 1970. */
export class Timestamp {
  readonly ns: bigint;
  constructor(ns: bigint) {
    this.ns = ns;
  }
}

export class Duration {
  readonly ns: bigint;
  constructor(ns: bigint) {
    this.ns = ns;
  }
}

export class Optional {
  readonly value: Value | undefined;
  constructor(value: Value | undefined) {
    this.value = value;
  }
}

export class TypeValue {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** A value of a library: `type` is its name, values with the same key are equal. */
export class Opaque<T = unknown> {
  readonly type: string;
  readonly of: T;
  readonly key: string;
  constructor(type: string, of: T, key: string) {
    this.type = type;
    this.of = of;
    this.key = key;
  }
}

export type Value =
  | bigint
  | number
  | string
  | boolean
  | null
  | Uint
  | Bytes
  | Timestamp
  | Duration
  | Optional
  | TypeValue
  | Opaque
  | CelMap
  | readonly Value[];

/** A map, or an object with fields. */
export interface CelMap {
  readonly isCelMap: true;
  readonly size: number;
  get(key: Value): Value | undefined;
  keys(): Value[];
  /** The name of an object's type. */
  readonly typeName?: string;
}

export const isMapValue = (value: Value): value is CelMap => typeof value === 'object' && value !== null && 'isCelMap' in value;

/** Text that is the same for equal keys. */
export function keyText(key: Value): string {
  if (typeof key === 'bigint') return `i${key}`;
  if (key instanceof Uint) return `i${key.value}`;
  if (typeof key === 'number') return Number.isInteger(key) ? `i${key}` : `d${key}`;
  if (typeof key === 'string') return `s${key}`;
  if (typeof key === 'boolean') return `b${key}`;
  throw new CelError('unsupported key type');
}

/** A map that an expression made. */
export class EntryMap implements CelMap {
  readonly isCelMap = true;
  readonly #entries = new Map<string, readonly [Value, Value]>();

  put(key: Value, value: Value): void {
    const text = keyText(key);
    if (this.#entries.has(text)) throw new CelError(`insert failed: key ${String(key)} already exists`);
    this.#entries.set(text, [key, value]);
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Value): Value | undefined {
    return this.#entries.get(keyText(key))?.[1];
  }

  keys(): Value[] {
    return [...this.#entries.values()].map(([key]) => key);
  }
}

type Json = Readonly<Record<string, unknown>>;

/** A JSON object, read through a type. */
class JsonMap implements CelMap {
  readonly isCelMap = true;
  readonly #json: Json;
  readonly #type: Type;

  constructor(json: Json, type: Type) {
    this.#json = json;
    this.#type = type;
  }

  get typeName(): string | undefined {
    return this.#type.kind === 'object' ? this.#type.name : undefined;
  }

  get size(): number {
    return this.#present().length;
  }

  get(key: Value): Value | undefined {
    if (typeof key !== 'string') return undefined;
    const type = this.#type;
    const field = type.kind === 'object' ? type.fields.get(key) : undefined;
    const property = field?.property ?? key;
    const value = Object.hasOwn(this.#json, property) ? this.#json[property] : undefined;
    if (value === undefined) return undefined;
    return fromJson(value, field?.type ?? (type.kind === 'map' ? type.value : dyn));
  }

  keys(): Value[] {
    return this.#present();
  }

  #present(): string[] {
    return Object.keys(this.#json).filter((key) => this.#json[key] !== undefined);
  }
}

/** A JSON value as a value of a type. */
export function fromJson(value: unknown, type: Type): Value {
  if (value === null || value === undefined) return null;
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'number':
      return type === double || !Number.isInteger(value) ? value : BigInt(value);
    case 'string':
      return fromText(value, type);
    case 'object': {
      if (Array.isArray(value)) {
        const of = type.kind === 'list' ? type.of : dyn;
        return value.map((item) => fromJson(item, of));
      }
      return new JsonMap(value as Json, type);
    }
    default:
      return value as Value;
  }
}

function fromText(text: string, type: Type): Value {
  if (type.kind !== 'basic') return text;
  if (type.name === 'timestamp') return new Timestamp(parseTimestamp(text) ?? 0n);
  if (type.name === 'duration') return new Duration(parseDuration(text) ?? 0n);
  if (type.name === 'bytes') return new Bytes(fromBase64(text) ?? ('' as ByteString));
  return text;
}

/** A value as JSON, for results that are stored. Undefined for what has none. */
export function toJson(value: Value): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Uint) return Number(value.value);
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value === 'object' && value !== null && isMapValue(value))
    return Object.fromEntries(value.keys().map((key) => [String(key), toJson(value.get(key)!)]));
  return typeof value === 'object' && value !== null ? undefined : value;
}

const numeric = (value: Value): bigint | number | undefined =>
  typeof value === 'bigint' || typeof value === 'number' ? value : value instanceof Uint ? value.value : undefined;

export function equalValues(a: Value, b: Value): boolean {
  if (a === b) return true;
  const [x, y] = [numeric(a), numeric(b)];
  // A bigint and a number are compared by what they are worth.
  // biome-ignore lint/suspicious/noDoubleEquals: the two types of number differ.
  if (x !== undefined && y !== undefined) return x == y;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => equalValues(item, b[i]!));
  if (isMapValue(a))
    return (
      isMapValue(b) &&
      a.size === b.size &&
      a.keys().every((key) => {
        const [left, right] = [a.get(key)!, b.get(key)];
        return right !== undefined && equalValues(left, right);
      })
    );
  if (a instanceof Bytes) return b instanceof Bytes && a.data === b.data;
  if (a instanceof Timestamp) return b instanceof Timestamp && a.ns === b.ns;
  if (a instanceof Duration) return b instanceof Duration && a.ns === b.ns;
  if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name;
  if (a instanceof Opaque) return b instanceof Opaque && a.type === b.type && equalOpaque(a, b);
  if (a instanceof Optional) {
    if (!(b instanceof Optional)) return false;
    return a.value === undefined || b.value === undefined ? a.value === b.value : equalValues(a.value, b.value);
  }
  return false;
}

const equalOpaque = (a: Opaque, b: Opaque): boolean =>
  a.type === 'kubernetes.Quantity' ? compareQuantities(a.of as Quantity, b.of as Quantity) === 0 : a.key === b.key;

/** Negative, zero or positive; undefined for values without an order. */
export function compareValues(a: Value, b: Value): number | undefined {
  const [x, y] = [numeric(a), numeric(b)];
  if (x !== undefined && y !== undefined) return x < y ? -1 : x > y ? 1 : 0;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof Bytes && b instanceof Bytes) return compareText(a.data, b.data);
  if ((a instanceof Timestamp && b instanceof Timestamp) || (a instanceof Duration && b instanceof Duration))
    return a.ns < b.ns ? -1 : a.ns > b.ns ? 1 : 0;
  return undefined;
}

/** By code points. */
function compareText(a: string, b: string): number {
  const [x, y] = [[...a], [...b]];
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i]!.codePointAt(0)! - y[i]!.codePointAt(0)!;
  return x.length - y.length;
}

/** The name of a value's type. */
export function typeNameOf(value: Value): string {
  if (value === null) return 'null_type';
  switch (typeof value) {
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
  }
  if (Array.isArray(value)) return 'list';
  if (value instanceof Uint) return 'uint';
  if (value instanceof Bytes) return 'bytes';
  if (value instanceof Timestamp) return 'google.protobuf.Timestamp';
  if (value instanceof Duration) return 'google.protobuf.Duration';
  if (value instanceof Optional) return 'optional_type';
  if (value instanceof TypeValue) return 'type';
  if (value instanceof Opaque) return value.type;
  return (value as CelMap).typeName ?? 'map';
}

/** Whether a value can be of a type, as far as that can be seen. */
export function isOfType(value: Value, type: Type): boolean {
  switch (type.kind) {
    case 'param':
      return true;
    case 'list':
      return Array.isArray(value);
    case 'map':
    case 'object':
      return isMapValue(value) || (type.kind === 'object' && value === null);
    case 'optional':
      return value instanceof Optional;
    case 'basic':
      return isOfBasic(value, type.name);
  }
}

function isOfBasic(value: Value, name: string): boolean {
  if (name === 'dyn') return true;
  if (name === 'timestamp') return value instanceof Timestamp;
  if (name === 'duration') return value instanceof Duration;
  if (name === 'null') return value === null;
  return typeNameOf(value) === name;
}

/** Fields of an object type as an expression names them, from property names (apiserver/pkg/cel/escaping.go). */
export function objectType(name: string, properties: Iterable<readonly [string, Type]>): ObjectType {
  const fields = new Map<string, { readonly property: string; readonly type: Type }>();
  for (const [property, type] of properties) {
    fields.set(property, { property, type });
    const escaped = escapeName(property);
    if (escaped !== undefined) fields.set(escaped, { property, type });
  }
  return { kind: 'object', name, fields };
}

const keywords = new Set(['true', 'false', 'null', 'in', ...reserved]);
const escapes: Readonly<Record<string, string>> = { __: '__underscores__', '.': '__dot__', '-': '__dash__', '/': '__slash__' };

function escapeName(name: string): string | undefined {
  if (keywords.has(name)) return `__${name}__`;
  if (!/^[A-Za-z_][A-Za-z0-9_./-]*$/.test(name)) return undefined;
  return name.replace(/__|[./-]/g, (part) => escapes[part]!);
}
