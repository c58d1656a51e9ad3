/** Lists and sets: Kubernetes' list functions, cel-go's ext.Lists and ext.Sets. */
import type { Meter } from '../errors.ts';
import { CelError } from '../errors.ts';
import { define } from '../overload.ts';
import { compareValues, Duration, equalValues, Uint } from '../values.ts';
import type { Value } from '../values.ts';
import { int64, uint64 } from './operators.ts';

function order(a: Value, b: Value): number {
  const found = compareValues(a, b);
  if (found === undefined) throw new CelError('no such overload');
  return found;
}

function extreme(list: readonly Value[], name: string, sign: number, meter: Meter): Value {
  meter.charge(list.length);
  if (list.length === 0) throw new CelError(`${name} called on empty list`);
  return list.reduce((best, item) => (order(item, best) * sign > 0 ? item : best));
}

function sum(list: readonly Value[], meter: Meter): Value {
  meter.charge(list.length);
  const [first] = list;
  if (first === undefined) return 0n;
  if (first instanceof Uint) return uint64((list as Uint[]).reduce((total, { value }) => total + value, 0n));
  if (first instanceof Duration) return new Duration((list as Duration[]).reduce((total, { ns }) => total + ns, 0n));
  if (typeof first === 'number') return (list as number[]).reduce((total, item) => total + item, 0);
  if (typeof first === 'bigint') return int64((list as bigint[]).reduce((total, item) => total + item, 0n));
  throw new CelError('no such overload');
}

function find(list: readonly Value[], item: Value, meter: Meter, isLast: boolean): bigint {
  meter.charge(list.length);
  return BigInt(isLast ? list.findLastIndex((one) => equalValues(one, item)) : list.findIndex((one) => equalValues(one, item)));
}

const holds = (list: readonly Value[], item: Value): boolean => list.some((one) => equalValues(one, item));

function distinct(list: readonly Value[], meter: Meter): Value[] {
  meter.charge(list.length * list.length);
  return list.filter((item, i) => list.findIndex((one) => equalValues(one, item)) === i);
}

function flatten(list: readonly Value[], depth: number, meter: Meter): Value[] {
  meter.charge(list.length);
  return list.flatMap((item) => (Array.isArray(item) && depth > 0 ? flatten(item, depth - 1, meter) : [item as Value]));
}

function slice(list: readonly Value[], from: bigint, to: bigint): Value {
  const length = BigInt(list.length);
  if (from < 0n || to < 0n) throw new CelError(`cannot slice(${from}, ${to}), negative indexes not supported`);
  if (from > to) throw new CelError(`cannot slice(${from}, ${to}), start index must be less than or equal to end index`);
  if (to > length) throw new CelError(`cannot slice(${from}, ${to}), list is length ${length}`);
  return list.slice(Number(from), Number(to));
}

export const lists = define({
  'list<T>.isSorted(): bool': ([list], meter) => {
    meter.charge(list.length);
    return (list as Value[]).every((item, i) => i === 0 || order(list[i - 1], item) <= 0);
  },
  'list<T>.sum(): T': ([list], meter) => sum(list, meter),
  'list<T>.min(): T': ([list], meter) => extreme(list, 'min', -1, meter),
  'list<T>.max(): T': ([list], meter) => extreme(list, 'max', 1, meter),
  'list<T>.indexOf(T): int': ([list, item], meter) => find(list, item, meter, false),
  'list<T>.lastIndexOf(T): int': ([list, item], meter) => find(list, item, meter, true),
  'list<T>.distinct(): list<T>': ([list], meter) => distinct(list, meter),
  'list<dyn>.flatten(): list<dyn>': ([list], meter) => flatten(list, 1, meter),
  'list<dyn>.flatten(int): list<dyn>': ([list, depth], meter) => flatten(list, Math.min(Number(depth), 100), meter),
  'list<T>.reverse(): list<T>': ([list], meter) => {
    meter.charge(list.length);
    return [...list].reverse();
  },
  'list<T>.slice(int, int): list<T>': ([list, from, to]) => slice(list, from, to),
  'list<T>.sort(): list<T>': ([list], meter) => {
    meter.charge(list.length * 10);
    return [...list].sort(order);
  },
  'lists.range(int): list<int>': ([count], meter) => {
    meter.charge(Number(count));
    return Array.from({ length: Math.max(0, Number(count)) }, (_, i) => BigInt(i));
  },
  'sets.contains(list<T>, list<T>): bool': ([list, sub], meter) => {
    meter.charge(list.length * sub.length);
    return (sub as Value[]).every((item) => holds(list, item));
  },
  'sets.equivalent(list<T>, list<T>): bool': ([a, b], meter) => {
    meter.charge(2 * a.length * b.length);
    return (a as Value[]).every((item) => holds(b, item)) && (b as Value[]).every((item) => holds(a, item));
  },
  'sets.intersects(list<T>, list<T>): bool': ([a, b], meter) => {
    meter.charge(a.length * b.length);
    return (a as Value[]).some((item) => holds(b, item));
  },
});
