/** Arithmetic on amounts by name of resource: apiserver/pkg/quota/v1/resources.go. Quantities that cannot be read do not occur: they were validated. */
import type { Quantity } from '../../../machinery/quantity.ts';
import { addQuantity, parseQuantity, quantityOf } from '../../../machinery/quantity.ts';

/** Amounts as API objects write them. */
export type ResourceList = Readonly<Record<string, string>>;

const zero = quantityOf(0n);
const of = (list: ResourceList | undefined, name: string): Quantity => (list?.[name] === undefined ? zero : parseQuantity(list[name]));

/** The sum, with the names of both. */
export function addLists(a: ResourceList, b: ResourceList): ResourceList {
  const result: Record<string, string> = { ...a };
  for (const name in b) result[name] = addQuantity(of(a, name), of(b, name)).text;
  return result;
}

/** The larger amount of each name. */
export function maxLists(a: ResourceList, b: ResourceList): ResourceList {
  const result: Record<string, string> = { ...a };
  for (const name in b) if (a[name] === undefined || of(b, name).nanos > of(a, name).nanos) result[name] = b[name]!;
  return result;
}

/** `a - b`, never below zero: SubtractWithNonNegativeResult. */
export function subtractLists(a: ResourceList, b: ResourceList): ResourceList {
  const result: Record<string, string> = {};
  for (const name in a) {
    const left = of(a, name).nanos - of(b, name).nanos;
    result[name] = quantityOf(left > 0n ? left : 0n, of(a, name).format).text;
  }
  return result;
}

/** Only the amounts of these names. */
export function pick(list: ResourceList, names: readonly string[]): ResourceList {
  return Object.fromEntries(names.filter((name) => list[name] !== undefined).map((name) => [name, list[name]!]));
}

/** Without the amounts that are zero. */
export function withoutZeros(list: ResourceList): ResourceList {
  return pick(
    list,
    Object.keys(list).filter((name) => of(list, name).nanos !== 0n),
  );
}

/** The names of which `a` has more than `b` allows; a name that `b` lacks is allowed. */
export function exceeding(a: ResourceList, b: ResourceList): readonly string[] {
  return Object.keys(a).filter((name) => b[name] !== undefined && of(a, name).nanos > of(b, name).nanos);
}

/** The names with an amount below zero. */
export const negativeNames = (list: ResourceList): readonly string[] => Object.keys(list).filter((name) => of(list, name).nanos < 0n);

/** Whether both have the same names and amounts. */
export function sameLists(a: ResourceList, b: ResourceList): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => b[name] !== undefined && of(a, name).nanos === of(b, name).nanos);
}
