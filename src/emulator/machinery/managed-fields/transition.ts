/** What a write makes of the entries: the writer takes what it changed, the others lose it. */
import type { ManagedFieldsEntry } from '../objects.ts';
import { difference, emptySet, type FieldSet, union } from './field-set.ts';
import { decodeFieldsV1 } from './fields-v1.ts';
import {
  capManagers,
  compareEntries,
  decodeManagers,
  encodeEntry,
  encodeManagers,
  type Manager,
  managerId,
  managerOf,
  type Ownership,
} from './ownership.ts';

export interface Change {
  readonly changed: FieldSet;
  readonly removed: FieldSet;
  readonly taken: FieldSet;
  readonly manager: Omit<Manager, 'operation'>;
  readonly time: string;
}

interface Transition extends Change {
  readonly before: readonly ManagedFieldsEntry[];
  readonly result: readonly ManagedFieldsEntry[];
}

/**
 * What came of the last changes of lists of entries. Objects share such lists, and what happens to one Pod of a template mostly
 * happens to the next in the same second. A table of slots instead of weak maps by list: those cost the collector more than all else.
 */
const transitions = new Array<Transition | undefined>(2048).fill(undefined);

/** The entries after a change by one who updates. */
export function transition(before: readonly ManagedFieldsEntry[], change: Change): readonly ManagedFieldsEntry[] {
  const { changed, removed, taken, manager, time } = change;
  const newest = before.length === 0 ? emptySet : decodeFieldsV1(before[before.length - 1]!.fieldsV1);
  const slot = (changed.id * 31 + newest.id) & (transitions.length - 1);
  const last = transitions[slot];
  if (
    last &&
    last.before === before &&
    last.changed === changed &&
    last.removed === removed &&
    last.taken === taken &&
    last.time === time
  ) {
    const { name, subresource, apiVersion } = last.manager;
    if (name === manager.name && subresource === manager.subresource && apiVersion === manager.apiVersion) return last.result;
  }
  const result = isShort(before) ? handOver(before, change) : handOverMany(before, change);
  transitions[slot] = { before, changed, removed, taken, manager, time, result };
  return result;
}

/** Whether a list has a handful of managers, each once: all but what a client made up or many clients wrote. */
function isShort(entries: readonly ManagedFieldsEntry[]): boolean {
  if (entries.length > 6) return false;
  for (let i = 1; i < entries.length; i++) for (let k = 0; k < i; k++) if (isSameManager(entries[i]!, entries[k]!)) return false;
  return true;
}

const isSameManager = (a: ManagedFieldsEntry, b: ManagedFieldsEntry): boolean =>
  (a.manager ?? 'unknown') === (b.manager ?? 'unknown') &&
  (a.operation ?? 'Update') === (b.operation ?? 'Update') &&
  (a.subresource ?? '') === (b.subresource ?? '');

/** For a handful of managers: without tables and their keys. */
export function handOver(
  before: readonly ManagedFieldsEntry[],
  { changed, removed, taken, manager, time }: Change,
): readonly ManagedFieldsEntry[] {
  const result: ManagedFieldsEntry[] = [];
  let own = taken;
  for (const entry of before) {
    const owned = decodeFieldsV1(entry.fieldsV1);
    const set = difference(difference(owned, changed), removed);
    if (taken !== emptySet && isOf(entry, manager)) own = union(set, taken);
    else if (set !== emptySet) result.push(set === owned ? entry : encodeEntry(managerOf(entry), set, entry.time));
  }
  if (taken !== emptySet) {
    const { name, apiVersion, subresource } = manager;
    result.push(encodeEntry({ name, operation: 'Update', apiVersion, subresource }, own, time));
  }
  return result.length < 2 ? result : result.sort(compareEntries);
}

function isOf(entry: ManagedFieldsEntry, { name, apiVersion, subresource = '' }: Omit<Manager, 'operation'>): boolean {
  const { manager = 'unknown', operation = 'Update', apiVersion: version = '', subresource: part = '' } = entry;
  return manager === name && operation === 'Update' && version === apiVersion && part === subresource;
}

/** The same for any list. */
export function handOverMany(
  before: readonly ManagedFieldsEntry[],
  { changed, removed, taken, manager, time }: Change,
): readonly ManagedFieldsEntry[] {
  const owners = decodeManagers(before);
  release(owners, undefined, changed, removed);
  if (taken !== emptySet) {
    // Written out: an engine gives each object that grows beyond what it was spread from a hidden class of its own.
    const { name, apiVersion, subresource } = manager;
    const own: Manager = { name, operation: 'Update', apiVersion, subresource };
    const id = managerId(own);
    const before = owners.get(id);
    owners.set(id, { manager: own, set: before ? union(before.set, taken) : taken, time, entry: undefined });
  }
  capManagers(owners);
  return encodeManagers(owners);
}

/** Takes what was changed or removed away from everyone but `keeper`. */
export function release(owners: Map<string, Ownership>, keeper: string | undefined, changed: FieldSet, removed: FieldSet): void {
  for (const [id, owner] of owners) {
    if (id === keeper) continue;
    const set = difference(difference(owner.set, changed), removed);
    if (set === owner.set) continue;
    if (set === emptySet) owners.delete(id);
    else owners.set(id, { ...owner, set, entry: undefined });
  }
}
