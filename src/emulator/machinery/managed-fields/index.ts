/**
 * Who manages which field: `metadata.managedFields` and server-side apply.
 *
 * - `trackUpdate` gives the entries after a create or update, `trackUpdateLater` once they are looked at; `applyConfiguration` carries
 *   out server-side apply.
 * - Both are pure: they read objects and return new ones that share what did not change.
 * - A write costs what it changed: parts that are shared by identity are skipped, sets and FieldsV1 objects are interned.
 * - Absent: conversion between versions of a group, and unions.
 *
 * Upstream: structured-merge-diff v6, `apimachinery/pkg/util/managedfields/internal`.
 */
import { goJson } from '../json.ts';
import type { DraftMeta, ManagedFieldsEntry } from '../objects.ts';
import { rootType } from '../patch/patch-schema.ts';
import type { SchemaType } from '../schema.ts';
import { applyConflict, type StatusCause } from '../status-error.ts';
import { appliedSet, type Comparison, compareObjects } from './compare.ts';
import { difference, emptySet, type FieldSet, intersection, node, pathsOf, sameSet, setOfPaths, union, withParents } from './field-set.ts';
import { decodeManagers, encodeManagers, type Manager, managerId, type Ownership } from './ownership.ts';
import { pathText } from './path-element.ts';
import { isPending, pendingEntries, settled } from './pending.ts';
import { release, transition } from './transition.ts';
import { mergeTyped, removePaths } from './typed-merge.ts';

export type { Manager } from './ownership.ts';

interface Managed {
  readonly metadata: { readonly name?: string | undefined; readonly managedFields?: readonly ManagedFieldsEntry[] | undefined };
}

/** Fields that nobody owns. Upstream: `stripmeta.go`. */
const unowned = setOfPaths([
  ['apiVersion'],
  ['kind'],
  ['metadata'],
  ...['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'clusterName', 'generation', 'managedFields', 'resourceVersion'].map(
    (name) => ['metadata', name],
  ),
]);

/** A value to walk: managedFields themselves are nobody's, and differ between any two versions. */
function withoutManagedFields(object: Managed | undefined): Managed | undefined {
  if (object?.metadata?.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** By whom, when and in which way something is written. */
export interface Write {
  readonly model: string;
  readonly manager: Omit<Manager, 'operation'>;
  /** RFC 3339. */
  readonly time: string;
  /** Paths of fields that this request may not set and that it does not come to own: `[['status']]` for the main resource. */
  readonly resetFields?: readonly (readonly string[])[] | undefined;
}

export interface TrackedUpdate extends Write {
  /** Undefined on create. */
  readonly previous: Managed | undefined;
  /** As it will be stored; its managedFields, if any, are what the client sent and count as the state before. */
  readonly next: Managed;
}

/** The managedFields after a create or update: the writer owns what it changed, everyone loses what was changed or removed. */
export function trackUpdate({ previous, next, model, manager, time, resetFields = [] }: TrackedUpdate): readonly ManagedFieldsEntry[] {
  const before = settled(entriesBefore(previous?.metadata.managedFields, next.metadata.managedFields, manager.subresource !== undefined));
  // managedFields themselves may differ, but nobody owns them.
  const comparison = compareObjects(previous, next, rootType(model));
  const changed = without(comparison.changed, resetFields);
  const removed = without(comparison.removed, resetFields);
  const taken = difference(changed, unowned);
  // Most writes of a status that is the same as before end here.
  if (taken === emptySet && removed === emptySet && changed === emptySet) return before ?? [];
  return transition(before ?? noEntries, { changed, removed, taken, manager, time });
}

/**
 * As `trackUpdate`, put off until somebody looks at the entries. Undefined where there might come none, since an object without
 * entries has no list: whoever creates an object owns all that it sets, so that a field that is there has an owner, as long as
 * nobody but us has written the entries. Until then the list holds the versions and `write`, so that many should share one.
 */
export function trackUpdateLater(previous: Managed | undefined, next: Managed, write: Write): readonly ManagedFieldsEntry[] | undefined {
  const live = previous?.metadata.managedFields;
  const sent = next.metadata.managedFields;
  if (!hasOwnedField(next) || (previous ? !isPending(live) : sent !== undefined)) return undefined;
  if (previous && write.manager.subresource === undefined && sent !== undefined && sent !== live) return undefined;
  return previous !== undefined && differInStatus(previous, next)
    ? pendingEntries(trackStatus, statusOf(previous), statusOf(next), write, live)
    : pendingEntries(trackVersions, previous, next, write, live);
}

const trackVersions = (previous: Managed | undefined, next: Managed, write: Write): readonly ManagedFieldsEntry[] =>
  trackUpdate({ previous, next, ...write });

type Halves = Managed & { readonly spec?: unknown; readonly status?: unknown };

/** Whether a write changes the status and nothing else that has an owner: then nothing else need be held. */
function differInStatus(previous: Halves, next: Halves): boolean {
  const [a, b] = [previous.metadata as DraftMeta, next.metadata as DraftMeta];
  return (
    previous.spec === next.spec &&
    previous.status !== undefined &&
    next.status !== undefined &&
    a.labels === b.labels &&
    a.annotations === b.annotations &&
    a.finalizers === b.finalizers &&
    a.ownerReferences === b.ownerReferences &&
    a.generateName === b.generateName
  );
}

/** What is held of a version in whose stead the status may stand. */
interface StatusOnly {
  readonly managedFields: readonly ManagedFieldsEntry[] | undefined;
  readonly status: unknown;
}

const statusOf = ({ metadata: { managedFields }, status }: Halves): StatusOnly => ({ managedFields, status });
const withStatus = ({ managedFields, status }: StatusOnly): Halves => ({ metadata: { managedFields }, status });

const trackStatus = (previous: StatusOnly | undefined, next: StatusOnly, write: Write): readonly ManagedFieldsEntry[] =>
  trackUpdate({ previous: previous && withStatus(previous), next: withStatus(next), ...write });

/** Whether an object surely has a field that its creator owns. */
function hasOwnedField(object: Managed): boolean {
  const { spec, reason } = object as Managed & { readonly spec?: Readonly<Record<string, unknown>>; readonly reason?: unknown };
  if (spec === undefined || spec === null) return typeof reason === 'string';
  for (const key in spec) {
    const value = spec[key];
    if (Array.isArray(value) ? value.length > 0 : value !== null && value !== undefined && typeof value !== 'object') return true;
  }
  return false;
}

const noEntries: readonly ManagedFieldsEntry[] = [];

/**
 * A client may set managedFields of the main resource; one that sends none does not know them, and does not delete them so. A list
 * of one empty entry begins anew. Upstream: `managedfields/internal/fieldmanager.go`, decodeLiveOrNew.
 */
function entriesBefore(
  live: readonly ManagedFieldsEntry[] | undefined,
  sent: readonly ManagedFieldsEntry[] | undefined,
  isSubresource: boolean,
): readonly ManagedFieldsEntry[] | undefined {
  if (isSubresource || !sent || sent === live || sent.length === 0) return live;
  return sent.length === 1 && Object.keys(sent[0]!).length === 0 ? noEntries : sent;
}

const resetSets = new Map<string, FieldSet>();

/** A set without some paths and all below them. */
function without(set: FieldSet, paths: readonly (readonly string[])[]): FieldSet {
  if (set === emptySet || paths.length === 0) return set;
  const key = paths.map((path) => path.join('.')).join(',');
  let reset = resetSets.get(key);
  if (!reset) {
    reset = setOfPaths(paths);
    resetSets.set(key, reset);
  }
  return differenceBelow(set, reset);
}

function differenceBelow(set: FieldSet, reset: FieldSet): FieldSet {
  const below = (one: FieldSet, mask: FieldSet): FieldSet => {
    if (mask.isMember) return one;
    return [...mask.children].reduce((out, [name, child]) => {
      const own = one.children.get(name);
      return own ? union(out, node(false, [[name, below(own, child)]])) : out;
    }, emptySet as FieldSet);
  };
  return difference(set, below(set, reset));
}

export interface AppliedConfiguration<T> {
  /** Undefined when the object does not exist yet. */
  readonly live: T | undefined;
  /** What the client applies, decoded; without managedFields. */
  readonly config: unknown;
  readonly model: string;
  readonly manager: Omit<Manager, 'operation'>;
  readonly time: string;
  /** Takes fields that others own. */
  readonly force: boolean;
  readonly resetFields?: readonly (readonly string[])[] | undefined;
}

/**
 * Server-side apply: merges a configuration into the live object, removes what the manager applied before and no longer names, and
 * records ownership. Returns the live object itself when nothing changes. Throws a StatusError (409) with the conflicts unless forced.
 */
export function applyConfiguration<T extends Managed>({
  live,
  config,
  model,
  manager,
  time,
  force,
  resetFields = [],
}: AppliedConfiguration<T>): T {
  const type = rootType(model);
  const own: Manager = { ...manager, operation: 'Apply' };
  const id = managerId(own);
  const owners = decodeManagers(live?.metadata.managedFields);
  const last = owners.get(id);
  const named = without(appliedSet(config, type), resetFields);
  const set = difference(named, unowned);
  const current = withoutManagedFields(live);
  owners.set(id, {
    manager: own,
    set,
    time: last?.time ?? time,
    entry: last && sameSet(last.set, set) && last.manager.apiVersion === own.apiVersion ? last.entry : undefined,
  });
  const merged = prune(mergeTyped(current ?? {}, config, type), last?.set ?? emptySet, ownedBy(owners, named), type);
  const comparison = compareObjects(current, merged as object, type);
  const conflicts = conflictsOf(owners, id, comparison);
  if (conflicts.length > 0 && !force) throw conflictError(conflicts);
  release(owners, id, comparison.changed, comparison.removed);
  const isChanged = comparison.changed !== emptySet || comparison.removed !== emptySet || !live;
  if (isChanged && set !== emptySet) owners.set(id, { ...owners.get(id)!, time, entry: undefined });
  const managedFields = encodeManagers(owners);
  if (live && !isChanged && isSameList(managedFields, live.metadata.managedFields ?? [])) return live;
  const result = merged as T;
  return { ...result, metadata: { ...result.metadata, managedFields } };
}

/** What anyone owns, and all that the configuration names: its name is nobody's, but must stay. */
function ownedBy(owners: ReadonlyMap<string, Ownership>, named: FieldSet): FieldSet {
  return [...owners.values()].reduce((all, { set }) => union(all, set), named);
}

const isSameList = (a: readonly unknown[], b: readonly unknown[]): boolean => a.length === b.length && a.every((item, i) => item === b[i]);

/** Removes what the manager named the last time and nobody owns now. Upstream: `merge/update.go`, prune. */
function prune(merged: unknown, lastSet: FieldSet, owned: FieldSet, type: SchemaType): unknown {
  if (lastSet === emptySet) return merged;
  const dropped = difference(withParents(lastSet), withParents(owned));
  return dropped === emptySet ? merged : (removePaths(merged, dropped, type) ?? {});
}

interface Conflict {
  readonly manager: Manager;
  readonly path: string;
}

function conflictsOf(owners: ReadonlyMap<string, Ownership>, id: string, { changed }: Comparison): Conflict[] {
  const out: Conflict[] = [];
  for (const [other, { manager, set }] of [...owners].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (other === id) continue;
    for (const path of pathsOf(intersection(set, changed))) out.push({ manager, path: pathText(path) });
  }
  return out;
}

/** Upstream: `managedfields/internal/conflict.go`. */
function conflictError(conflicts: readonly Conflict[]): Error {
  const causes = conflicts.map(
    ({ manager, path }): StatusCause => ({ reason: 'FieldManagerConflict', message: `conflict with ${managerText(manager)}`, field: path }),
  );
  const [first] = conflicts;
  if (conflicts.length === 1)
    return applyConflict(causes, `Apply failed with 1 conflict: conflict with ${managerText(first!.manager)}: ${first!.path}`);
  const byManager = new Map<string, string[]>();
  for (const { manager, path } of conflicts)
    byManager.set(managerText(manager), [...(byManager.get(managerText(manager)) ?? []), `- ${path}`]);
  const lines = [...byManager].flatMap(([text, paths]) => [`conflicts with ${text}:`, ...paths]);
  return applyConflict(causes, `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`);
}

function managerText({ name, operation, apiVersion, subresource }: Manager): string {
  const text = subresource ? `${goJson(name)} with subresource ${goJson(subresource)}` : goJson(name);
  return operation === 'Update' ? `${text} using ${apiVersion}` : text;
}
