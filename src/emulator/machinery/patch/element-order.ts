/**
 * The order of merged lists: items of a patch stand in the patch's order, and items that only the server has are woven in where they
 * stood. Upstream: `apimachinery/pkg/util/strategicpatch/patch.go`, normalizeElementOrder.
 */
import { isMap, PatchError } from './patch-error.ts';

export type List = readonly unknown[];

/** Elements of a map list are told apart by a merge key, scalars by themselves. */
export function identityOf(item: unknown, mergeKey: string | undefined): unknown {
  return mergeKey !== undefined && isMap(item) ? item[mergeKey] : item;
}

export function noMergeKey(item: unknown, mergeKey: string): PatchError {
  return new PatchError(`map: ${goText(item)} does not contain declared merge key: ${mergeKey}`);
}

/** A value as Go's %v prints it. */
export function goText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (!isMap(value)) return String(value);
  const keys = Object.keys(value).sort();
  return `map[${keys.map((key) => `${key}:${goText(value[key])}`).join(' ')}]`;
}

/** Where each identity stands in a list: its first place. */
function positions(list: List, mergeKey: string | undefined): Map<unknown, number> {
  const out = new Map<unknown, number>();
  list.forEach((item, i) => {
    const id = identityOf(item, mergeKey);
    if (!out.has(id)) out.set(id, i);
  });
  return out;
}

/** Sorts by `order`, stable; items to delete come last. */
export function sortByOrder(list: List, order: List, mergeKey: string | undefined): unknown[] {
  const at = positions(order, mergeKey);
  const kept = list.filter((item) => !isDeletion(item));
  const sorted = kept.map((item, i) => ({ item, i, rank: at.get(identityOf(item, mergeKey)) }));
  sorted.sort((a, b) => (a.rank !== undefined && b.rank !== undefined ? a.rank - b.rank : 0) || a.i - b.i);
  return [...sorted.map(({ item }) => item), ...list.filter(isDeletion)];
}

export const isDeletion = (item: unknown): boolean => isMap(item) && item.$patch === 'delete';

/** A merged list in its final order: `patchOrder` is the patch or its $setElementOrder, `serverOrder` the list before. */
export function orderMerged(merged: List, patchOrder: List, serverOrder: List, mergeKey: string | undefined): unknown[] {
  const inPatch = positions(patchOrder, mergeKey);
  const fromPatch: unknown[] = [];
  const serverOnly: unknown[] = [];
  for (const item of merged) {
    if (mergeKey !== undefined && identityOf(item, mergeKey) === undefined) throw noMergeKey(item, mergeKey);
    (inPatch.has(identityOf(item, mergeKey)) ? fromPatch : serverOnly).push(item);
  }
  return weave(
    sortByOrder(serverOnly, serverOrder, mergeKey),
    sortByOrder(fromPatch, patchOrder, mergeKey),
    positions(serverOrder, mergeKey),
    mergeKey,
  );
}

function weave(left: List, right: List, serverOrder: ReadonlyMap<unknown, number>, mergeKey: string | undefined): unknown[] {
  const out: unknown[] = [];
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    const isLeftFirst = j >= right.length || (i < left.length && isBefore(left[i], right[j]));
    out.push(isLeftFirst ? left[i++] : right[j++]);
  }
  return out;

  function isBefore(a: unknown, b: unknown): boolean {
    const x = serverOrder.get(identityOf(a, mergeKey));
    const y = serverOrder.get(identityOf(b, mergeKey));
    return x !== undefined && y !== undefined && x < y;
  }
}
