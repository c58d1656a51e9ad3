/** --sort-by: rows or objects ordered by a field. Upstream: kubectl/pkg/cmd/get/sorter.go. */
import { parseJsonPath } from '../../../emulator/machinery/jsonpath.ts';
import { compareQuantities, parseQuantity, type Quantity } from '../../../emulator/machinery/quantity.ts';
import { CommandError } from '../errors.ts';
import type { Json } from '../json.ts';
import { relaxedJsonPath } from './relaxed-jsonpath.ts';

/** The things in the order of the field at `path` of `objectOf`; those without the field come first. */
export function sortByField<T>(things: readonly T[], expression: string, objectOf: (thing: T) => Json): T[] {
  // What is in order already is not looked at.
  if (things.length < 2) return [...things];
  const field = relaxedJsonPath(expression);
  const path = parseJsonPath(field, { allowMissingKeys: true });
  const keyed = things.map((thing) => {
    const value = path.findResults(objectOf(thing))[0]?.[0];
    return { thing, value, quantity: typeof value === 'string' ? asQuantity(value) : undefined };
  });
  if (keyed.every(({ value }) => value === undefined)) {
    throw new CommandError(`couldn't find any field with path ${JSON.stringify(field)} in the list of objects`);
  }
  return keyed.sort(compare).map(({ thing }) => thing);
}

interface Keyed {
  readonly value: unknown;
  /** The value as an amount, if it is one. */
  readonly quantity: Quantity | undefined;
}

function compare({ value: a, quantity: x }: Keyed, { value: b, quantity: y }: Keyed): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  if (x && y) return compareQuantities(x, y);
  return (a as string) < (b as string) ? -1 : (a as string) > (b as string) ? 1 : 0;
}

function asQuantity(text: string): Quantity | undefined {
  // Most texts are names, and an error for each of them would cost more than the sort.
  if (!/^[+-]?[\d.]+[a-zA-Z\d+-]{0,6}$/.test(text)) return undefined;
  try {
    return parseQuantity(text);
  } catch {
    return undefined;
  }
}
