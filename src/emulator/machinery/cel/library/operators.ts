/** Operators: cel-go/common/stdlib. */
import type { ByteString } from '../../../kernel/bytes.ts';
import { CelError } from '../errors.ts';
import { define } from '../overload.ts';
import type { CelMap, Value } from '../values.ts';
import { Bytes, compareValues, Duration, equalValues, Optional, Timestamp, Uint } from '../values.ts';

const least = -(2n ** 63n);
const most = 2n ** 63n - 1n;

/** Throws when a result is no 64-bit integer. */
export function int64(value: bigint): bigint {
  if (value < least || value > most) throw new CelError('integer overflow');
  return value;
}

export function uint64(value: bigint): Uint {
  if (value < 0n || value >= 2n ** 64n) throw new CelError('unsigned integer overflow');
  return new Uint(value);
}

const nonZero = (value: bigint, what: string): bigint => {
  if (value === 0n) throw new CelError(what);
  return value;
};

const arithmetic = define({
  '_+_(int, int): int': ([a, b]: [bigint, bigint]) => int64(a + b),
  '_-_(int, int): int': ([a, b]: [bigint, bigint]) => int64(a - b),
  '_*_(int, int): int': ([a, b]: [bigint, bigint]) => int64(a * b),
  '_/_(int, int): int': ([a, b]: [bigint, bigint]) => int64(a / nonZero(b, 'division by zero')),
  '_%_(int, int): int': ([a, b]: [bigint, bigint]) => a % nonZero(b, 'modulus by zero'),
  '-_(int): int': ([a]: [bigint]) => int64(-a),
  '_+_(uint, uint): uint': ([a, b]: [Uint, Uint]) => uint64(a.value + b.value),
  '_-_(uint, uint): uint': ([a, b]: [Uint, Uint]) => uint64(a.value - b.value),
  '_*_(uint, uint): uint': ([a, b]: [Uint, Uint]) => uint64(a.value * b.value),
  '_/_(uint, uint): uint': ([a, b]: [Uint, Uint]) => uint64(a.value / nonZero(b.value, 'division by zero')),
  '_%_(uint, uint): uint': ([a, b]: [Uint, Uint]) => uint64(a.value % nonZero(b.value, 'modulus by zero')),
  '_+_(double, double): double': ([a, b]) => a + b,
  '_-_(double, double): double': ([a, b]) => a - b,
  '_*_(double, double): double': ([a, b]) => a * b,
  '_/_(double, double): double': ([a, b]) => a / b,
  '-_(double): double': ([a]) => -a,
  '_+_(timestamp, duration): timestamp': ([a, b]: [Timestamp, Duration]) => new Timestamp(a.ns + b.ns),
  '_+_(duration, timestamp): timestamp': ([a, b]: [Timestamp, Duration]) => new Timestamp(a.ns + b.ns),
  '_+_(duration, duration): duration': ([a, b]: [Timestamp, Duration]) => new Duration(int64(a.ns + b.ns)),
  '_-_(timestamp, timestamp): duration': ([a, b]: [Timestamp, Duration]) => new Duration(int64(a.ns - b.ns)),
  '_-_(timestamp, duration): timestamp': ([a, b]: [Timestamp, Duration]) => new Timestamp(a.ns - b.ns),
  '_-_(duration, duration): duration': ([a, b]: [Timestamp, Duration]) => new Duration(int64(a.ns - b.ns)),
});

const joining = define({
  '_+_(string, string): string': ([a, b], meter) => {
    meter.text(a.length + b.length);
    return a + b;
  },
  '_+_(bytes, bytes): bytes': ([a, b], meter) => {
    meter.text(a.data.length + b.data.length);
    return new Bytes((a.data + b.data) as ByteString);
  },
  '_+_(list<T>, list<T>): list<T>': ([a, b], meter) => {
    meter.charge(Math.ceil((a.length + b.length) / 10));
    return [...a, ...b];
  },
});

function sizeOf(value: Value): number {
  if (typeof value === 'string') return Math.ceil(value.length / 10);
  return Array.isArray(value) ? value.length : 1;
}

const comparison = (['<', '<=', '>', '>='] as const).flatMap((operator) => {
  const holds = (order: number): boolean =>
    operator === '<' ? order < 0 : operator === '<=' ? order <= 0 : operator === '>' ? order > 0 : order >= 0;
  const numbers = ['int', 'uint', 'double'];
  const pairs = [
    ...numbers.flatMap((a) => numbers.map((b) => [a, b] as const)),
    ...['string', 'bool', 'bytes', 'timestamp', 'duration'].map((type) => [type, type] as const),
  ];
  return pairs.flatMap(([a, b]) =>
    define({
      [`_${operator}_(${a}, ${b}): bool`]: ([x, y]) => {
        const order = compareValues(x, y);
        if (order === undefined) throw new CelError('no such overload');
        return holds(order);
      },
    }),
  );
});

/** A position in a list: a whole number of any kind. */
function position(list: readonly Value[], index: Value): Value | undefined {
  const at = typeof index === 'number' ? index : Number(index instanceof Uint ? index.value : index);
  return Number.isInteger(at) && at >= 0 ? list[at] : undefined;
}

const access = define({
  '_==_(T, T): bool': ([a, b], meter) => {
    meter.charge(Math.min(sizeOf(a), sizeOf(b)));
    return equalValues(a, b);
  },
  '_!=_(T, T): bool': ([a, b], meter) => {
    meter.charge(Math.min(sizeOf(a), sizeOf(b)));
    return !equalValues(a, b);
  },
  '!_(bool): bool': ([a]) => !a,
  '_&&_(bool, bool): bool': ([a, b]) => a && b,
  '_||_(bool, bool): bool': ([a, b]) => a || b,
  '_?_:_(bool, T, T): T': ([condition, yes, no]) => (condition ? yes : no),
  '@in(T, list<T>): bool': ([item, list], meter) => {
    meter.charge(list.length);
    return (list as Value[]).some((one) => equalValues(one, item));
  },
  '@in(K, map<K, V>): bool': ([key, map]) => (map as CelMap).get(key) !== undefined,
  '_[_](list<T>, int): T': ([list, index]) => {
    const value = position(list, index);
    if (value === undefined) throw new CelError(`index out of bounds: ${String(index)}`);
    return value;
  },
  '_[_](map<K, V>, K): V': ([map, key]) => {
    const value = (map as CelMap).get(key);
    if (value === undefined) throw new CelError(`no such key: ${String(key)}`);
    return value;
  },
  '_[?_](list<T>, int): optional<T>': ([list, index]) => new Optional(position(list, index)),
  '_[?_](map<K, V>, K): optional<V>': ([map, key]) => new Optional((map as CelMap).get(key)),
  '_[?_](optional<list<T>>, int): optional<T>': ([list, index]) => new Optional(list.value && position(list.value, index)),
  '_[?_](optional<map<K, V>>, K): optional<V>': ([map, key]) => new Optional(map.value && (map.value as CelMap).get(key)),
});

export const operators = [...arithmetic, ...joining, ...comparison, ...access];
