/** The managers of an object and their fields, between `metadata.managedFields` and sets. */

import { compareBytes } from '../json.ts';
import type { ManagedFieldsEntry } from '../objects.ts';
import { emptySet, type FieldSet, union } from './field-set.ts';
import { decodeFieldsV1, encodeFieldsV1 } from './fields-v1.ts';

export interface Manager {
  /** Who writes: `kubectl-create`, `kube-controller-manager`. */
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource?: string | undefined;
}

export interface Ownership {
  readonly manager: Manager;
  readonly set: FieldSet;
  readonly time: string | undefined;
  /** The entry as it stands in the object, while nothing of it changed. */
  readonly entry: ManagedFieldsEntry | undefined;
}

/** One entry a name, operation and subresource, and for updates the version. Upstream: `BuildManagerIdentifier`. */
export function managerId({ name, operation, apiVersion, subresource }: Manager): string {
  return `${name}\n${operation}\n${operation === 'Apply' ? '' : apiVersion}\n${subresource ?? ''}`;
}

function ownershipOf(entry: ManagedFieldsEntry): Ownership {
  return { manager: managerOf(entry), set: decodeFieldsV1(entry.fieldsV1), time: entry.time, entry };
}

export function managerOf({ manager = 'unknown', operation = 'Update', apiVersion = '', subresource }: ManagedFieldsEntry): Manager {
  return { name: manager, operation, apiVersion, subresource };
}

export function decodeManagers(entries: readonly ManagedFieldsEntry[] | undefined): Map<string, Ownership> {
  const out = new Map<string, Ownership>();
  for (const entry of entries ?? []) {
    const one = ownershipOf(entry);
    out.set(managerId(one.manager), one);
  }
  return out;
}

/** Entries in upstream's order: Apply before Update, then by time and name. Those without fields are gone. */
export function encodeManagers(owners: ReadonlyMap<string, Ownership>): readonly ManagedFieldsEntry[] {
  const entries = [...owners.values()].filter(({ set }) => set !== emptySet).map(encode);
  return entries.length < 2 ? entries : entries.sort(compareEntries);
}

export function compareEntries(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  return (
    compareBytes(a.operation ?? '', b.operation ?? '') ||
    compareBytes(a.time ?? '', b.time ?? '') ||
    compareBytes(a.manager ?? '', b.manager ?? '') ||
    compareBytes(a.apiVersion ?? '', b.apiVersion ?? '') ||
    compareBytes(a.subresource ?? '', b.subresource ?? '')
  );
}

function encode({ manager, set, time, entry }: Ownership): ManagedFieldsEntry {
  return entry ?? encodeEntry(manager, set, time);
}

/** The entry of a manager that owns a set; shared with the last one if that was the same. */
export function encodeEntry(manager: Manager, set: FieldSet, time: string | undefined): ManagedFieldsEntry {
  const { name, operation, apiVersion, subresource } = manager;
  const last = set.entry;
  if (
    last &&
    last.manager === name &&
    last.operation === operation &&
    last.apiVersion === apiVersion &&
    last.time === time &&
    last.subresource === subresource
  )
    return last;
  return (set.entry = entryOf(manager, encodeFieldsV1(set), time));
}

/** Without the keys that it does not have. Written out, since objects that are spread and then grow do not share a hidden class. */
function entryOf({ name, operation, apiVersion, subresource }: Manager, fieldsV1: object, time: string | undefined): ManagedFieldsEntry {
  const fieldsType = 'FieldsV1';
  if (time === undefined)
    return subresource
      ? { apiVersion, fieldsType, fieldsV1, manager: name, operation, subresource }
      : { apiVersion, fieldsType, fieldsV1, manager: name, operation };
  return subresource
    ? { apiVersion, fieldsType, fieldsV1, manager: name, operation, subresource, time }
    : { apiVersion, fieldsType, fieldsV1, manager: name, operation, time };
}

const maxUpdateManagers = 10;

/** Joins the oldest updaters into one, so that a hundred clients do not make a hundred entries. Upstream: `capmanagers.go`. */
export function capManagers(owners: Map<string, Ownership>): void {
  const updaters = [...owners].filter(([, { manager }]) => manager.operation === 'Update');
  let count = updaters.length;
  if (count <= maxUpdateManagers) return;
  updaters.sort(([a, x], [b, y]) => compareBytes(x.time ?? '', y.time ?? '') || compareBytes(a, b));
  const firstOfVersion = new Map<string, string>();
  for (const [id, owner] of updaters) {
    if (count <= maxUpdateManagers) return;
    const { apiVersion } = owner.manager;
    const first = firstOfVersion.get(apiVersion);
    if (first === undefined) {
      firstOfVersion.set(apiVersion, id);
      continue;
    }
    const manager: Manager = { name: 'ancient-changes', operation: 'Update', apiVersion };
    const bucket = managerId(manager);
    const before = owners.get(bucket) ?? owners.get(first)!;
    owners.delete(first);
    owners.delete(id);
    owners.set(bucket, { manager, set: union(owner.set, before.set), time: owner.time, entry: undefined });
    count--;
  }
}
