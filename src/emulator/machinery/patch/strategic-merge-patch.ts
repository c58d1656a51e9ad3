/**
 * Strategic merge patches: merge patches that know which lists merge by a key, with the directives `$patch`, `$retainKeys`,
 * `$setElementOrder/…` and `$deleteFromPrimitiveList/…`.
 *
 * - Applying copies only the path to what changes; an object that does not change is returned itself.
 * - `createTwoWayStrategicMergePatch` and `createThreeWayStrategicMergePatch` (in `./strategic-merge-diff.ts`) make patches, as kubectl does.
 *
 * Upstream: `apimachinery/pkg/util/strategicpatch/patch.go`.
 */
import { equal } from '../equality.ts';
import type { SchemaType } from '../schema.ts';
import { goText, identityOf, type List, noMergeKey, orderMerged } from './element-order.ts';
import { hasKey, isMap, type JsonMap, PatchError } from './patch-error.ts';
import { type FieldPatch, fieldPatch, itemType, rootType } from './patch-schema.ts';

/** Applies a patch to an object of a model of the schema. Without a model: throws, as upstream does for custom resources. */
export function applyStrategicMergePatch<T>(object: T, patch: unknown, model: string | undefined): T {
  if (model === undefined) throw new PatchError('strategic merge patch format is not supported');
  if (!isMap(patch)) throw new PatchError('invalid JSON document');
  return mergeMap(object as JsonMap, patch, rootType(model), { isPatchOfPatch: false }) as T;
}

export interface MergeOptions {
  /** The original is itself a patch: directives and nulls stay in it. */
  readonly isPatchOfPatch: boolean;
}

const setOrderPrefix = '$setElementOrder/';
const deletePrefix = '$deleteFromPrimitiveList/';

/** Merges a patch into a map. Shared by applying a patch and by joining the two halves of a three-way patch. */
export function mergeMap(original: JsonMap, patch: JsonMap, type: SchemaType, options: MergeOptions): JsonMap {
  if (hasKey(patch, '$patch')) return directed(patch);
  const draft = new Draft(original);
  const pending: Record<string, unknown> = { ...patch };
  retainKeys(draft, pending, options);
  for (const key of Object.keys(pending).filter((name) => name.startsWith('$setElementOrder')))
    orderList(draft, pending, key, type, options);
  for (const key of Object.keys(pending)) {
    const value = pending[key];
    if (value === undefined) continue;
    const isDeletion = key.startsWith('$deleteFromPrimitiveList');
    if (isDeletion && options.isPatchOfPatch) draft.set(key, value);
    else if (isDeletion) deletePrimitives(draft, listName(key, deletePrefix, 'invalid patch format of primitive list'), value);
    else mergeField(draft, key, value, type, options);
  }
  return draft.result();
}

/** A map that is copied at its first change. */
class Draft {
  readonly #original: JsonMap;
  #copy: Record<string, unknown> | undefined;

  constructor(original: JsonMap) {
    this.#original = original;
  }

  get current(): JsonMap {
    return this.#copy ?? this.#original;
  }

  set(key: string, value: unknown): void {
    if (hasKey(this.current, key) && (this.current[key] === value || equal(this.current[key], value))) return;
    this.#copy ??= { ...this.#original };
    this.#copy[key] = value;
  }

  remove(key: string): void {
    if (!hasKey(this.current, key)) return;
    this.#copy ??= { ...this.#original };
    delete this.#copy[key];
  }

  result(): JsonMap {
    return this.current;
  }
}

function directed(patch: JsonMap): JsonMap {
  if (patch.$patch === 'replace') {
    const { $patch: _, ...rest } = patch;
    return rest;
  }
  if (patch.$patch === 'delete') return {};
  throw new PatchError(`unknown patch type: ${goText(patch.$patch)} in map: ${goText(patch)}`);
}

function listName(key: string, prefix: string, complaint: string): string {
  if (!key.startsWith(prefix)) throw new PatchError(complaint);
  return key.slice(prefix.length);
}

function retainKeys(draft: Draft, patch: Record<string, unknown>, { isPatchOfPatch }: MergeOptions): void {
  const retained = patch.$retainKeys;
  if (retained === undefined) return;
  delete patch.$retainKeys;
  if (isPatchOfPatch) {
    const before = draft.current.$retainKeys;
    if (before !== undefined && !equal(before, retained)) {
      throw new PatchError(
        `${goText(before)} and ${goText(retained)} are not deep equal: this may happen when calculating the 3-way diff patch`,
      );
    }
    draft.set('$retainKeys', retained);
    return;
  }
  if (!Array.isArray(retained)) throw new PatchError('invalid patch format of retainKeys');
  const keys = new Set(retained as unknown[]);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || value === undefined || key.startsWith('$deleteFromPrimitiveList') || key.startsWith('$setElementOrder')) continue;
    if (!keys.has(key)) throw new PatchError('invalid patch format of retainKeys');
  }
  for (const key of Object.keys(draft.current)) if (!keys.has(key)) draft.remove(key);
}

/** Carries out `$setElementOrder/<list>` together with what the patch has for the list itself. */
function orderList(draft: Draft, patch: Record<string, unknown>, key: string, type: SchemaType, options: MergeOptions): void {
  const complaint = 'invalid patch format of setElementOrder list';
  const order = patch[key];
  if (!Array.isArray(order)) throw new PatchError(complaint);
  const name = listName(key, setOrderPrefix, complaint);
  if (options.isPatchOfPatch) {
    if (hasKey(draft.current, key) && !equal(draft.current[key], order)) throw new PatchError(complaint);
    draft.set(key, order);
  }
  delete patch[key];
  const field = fieldPatch(type, name);
  const { mergeKey } = field.patch;
  const [original, addition] = [draft.current[name], patch[name]];
  if (addition !== undefined) checkOrder(addition, order as List, mergeKey);
  if (!Array.isArray(original) && !Array.isArray(addition)) return;
  delete patch[name];
  const before = Array.isArray(original) ? (original as List) : [];
  const merged = !Array.isArray(addition)
    ? before
    : !Array.isArray(original)
      ? (withoutDirectives(addition) as List)
      : mergeList(before, addition as List, field, options);
  draft.set(name, orderMerged(merged, order as List, before, mergeKey));
}

function checkOrder(addition: unknown, order: List, mergeKey: string | undefined): void {
  if (!Array.isArray(addition)) throw new PatchError('invalid patch format of setElementOrder list');
  const items = (addition as List).filter((item) => !(isMap(item) && hasKey(item, '$patch')));
  let next = 0;
  for (const id of order) if (next < items.length && identityOf(items[next], mergeKey) === identityOf(id, mergeKey)) next++;
  if (order.length > 0 && next < items.length) {
    throw new PatchError(`The order in patch list:\n${goText(addition)}\n doesn't match $setElementOrder list:\n${goText(order)}\n`);
  }
}

function deletePrimitives(draft: Draft, name: string, values: unknown): void {
  const list = draft.current[name];
  if (!Array.isArray(list) || !Array.isArray(values)) return;
  const doomed = new Set(values as unknown[]);
  draft.set(
    name,
    list.filter((item) => !doomed.has(item)),
  );
}

function mergeField(draft: Draft, key: string, value: unknown, type: SchemaType, options: MergeOptions): void {
  if (value === null) {
    draft.remove(key);
    if (options.isPatchOfPatch) draft.set(key, null);
    return;
  }
  const before = draft.current[key];
  if (isMap(before) && isMap(value)) {
    const field = fieldPatch(type, key);
    draft.set(key, field.patch.isReplaced ? value : mergeMap(before, value, field.type, options));
    return;
  }
  if (Array.isArray(before) && Array.isArray(value)) {
    const field = fieldPatch(type, key);
    draft.set(key, field.patch.isMerged ? mergeList(before as List, value as List, field, options) : value);
    return;
  }
  const clean = withoutDirectives(options.isPatchOfPatch ? value : withoutNulls(value));
  if (clean === undefined) draft.remove(key);
  else draft.set(key, clean);
}

/** A patch value where there is nothing to merge it with: elements and maps that carry a `$patch` go. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isMap(value)) return value;
  if (hasKey(value, '$patch')) return undefined;
  const out: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const clean = withoutDirectives(item);
    if (clean !== undefined) out[key] = clean;
  }
  return out;
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isMap(value)) return value;
  const out: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) if (item !== null) out[key] = withoutNulls(item);
  return out;
}

/** A list that merges: by a key where its elements are maps, as a set where they are scalars. */
function mergeList(original: List, patch: List, field: FieldPatch, options: MergeOptions): List {
  if (original.length === 0 && patch.length === 0) return original;
  const isOfMaps = isMap(original[0] ?? patch[0]);
  const { mergeKey } = field.patch;
  if (!isOfMaps) return orderMerged([...new Set([...original, ...patch])], patch, original, undefined);
  if (mergeKey === undefined)
    throw new PatchError(`cannot merge lists without merge key for ${field.type.kind === 'object' ? field.type.name : 'list'}`);
  let kept = original;
  let isReplaced = false;
  const additions: JsonMap[] = [];
  for (const item of patch) {
    if (!isMap(item)) throw new PatchError(`expected a map[string]interface {}, but received a ${typeof item}`);
    if (!hasKey(item, '$patch')) additions.push(item);
    else if (item.$patch === 'delete') {
      if (!hasKey(item, mergeKey)) throw noMergeKey(item, mergeKey);
      kept = kept.filter((one) => identityOf(one, mergeKey) !== item[mergeKey]);
    } else if (item.$patch === 'replace') isReplaced = true;
    else if (item.$patch === 'merge') throw new PatchError('merging lists cannot yet be specified in the patch');
    else throw new PatchError(`unknown patch type: ${goText(item.$patch)} in map: ${goText(item)}`);
  }
  if (isReplaced) return orderMerged(additions, [], additions, mergeKey);
  const merged = [...kept];
  const type = itemType(field.type);
  for (const item of additions) {
    if (!hasKey(item, mergeKey)) throw noMergeKey(item, mergeKey);
    const at = merged.findIndex((one) => identityOf(one, mergeKey) === item[mergeKey]);
    if (at < 0) merged.push(item);
    else merged[at] = mergeMap(merged[at] as JsonMap, item, type, options);
  }
  return orderMerged(merged, additions, kept, mergeKey);
}
