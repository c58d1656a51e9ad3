/** --sort-by: rows or objects ordered by a field. Upstream: kubectl/pkg/cmd/get/sorter.go. */
import { parseJsonPath } from '../../../emulator/machinery/jsonpath.ts';
import { compareQuantities, parseQuantity } from '../../../emulator/machinery/quantity.ts';
import { CommandError } from '../errors.ts';
import type { Json } from '../json.ts';
import { relaxedJsonPath } from './relaxed-jsonpath.ts';

/** The things in the order of the field at `path` of `objectOf`; those without the field come first. */
export function sortByField<T>(things: readonly T[], expression: string, objectOf: (thing: T) => Json): T[] {
  if (things.length === 0) return [];
  const field = relaxedJsonPath(expression);
  const path = parseJsonPath(field, { allowMissingKeys: true });
  const keyed = things.map((thing) => ({ thing, value: path.findResults(objectOf(thing))[0]?.[0] }));
  if (keyed.every(({ value }) => value === undefined)) {
    throw new CommandError(`couldn't find any field with path ${JSON.stringify(field)} in the list of objects`);
  }
  return keyed.sort((a, b) => compare(a.value, b.value)).map(({ thing }) => thing);
}

function compare(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  if (typeof a === 'string' && typeof b === 'string') {
    const quantities = [asQuantity(a), asQuantity(b)] as const;
    if (quantities[0] && quantities[1]) return compareQuantities(quantities[0], quantities[1]);
  }
  return (a as string) < (b as string) ? -1 : (a as string) > (b as string) ? 1 : 0;
}

function asQuantity(text: string): ReturnType<typeof parseQuantity> | undefined {
  try {
    return parseQuantity(text);
  } catch {
    return undefined;
  }
}
