/**
 * Which fields changed between two versions of an object. Parts that both versions share by identity are skipped, and the set of a
 * part that is new is remembered by the part's identity, since Pods of a template share most of theirs.
 *
 * Upstream: structured-merge-diff, `typed/compare.go`.
 */
import { equal } from '../equality.ts';
import type { ListMerge, SchemaType } from '../schema.ts';
import { anyType } from '../schema.ts';
import { emptySet, type FieldSet, leaf, node, start } from './field-set.ts';
import { fieldElement, itemElement } from './path-element.ts';

export interface Comparison {
  /** Fields that are new or have another value. */
  readonly changed: FieldSet;
  readonly removed: FieldSet;
}

const same: Comparison = { changed: emptySet, removed: emptySet };
const modified: Comparison = { changed: leaf, removed: emptySet };

type Json = Readonly<Record<string, unknown>>;
export const isMap = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const isAbsent = (value: unknown): value is null | undefined => value === undefined || value === null;

/** The type of a field of a struct or map; unknown below a value without schema. */
export function memberType(type: SchemaType, key: string): SchemaType {
  if (type.kind === 'map') return type.value;
  return type.kind === 'object' ? (type.model.fields.get(key)?.type ?? anyType) : anyType;
}

/** Whether a type is owned as a whole. Values without schema are: upstream deduces their fields. */
export const isAtomic = (type: SchemaType): boolean =>
  type.kind === 'scalar' || (type.kind === 'list' ? type.merge.listType === 'atomic' : type.isAtomic);

/** Whether upstream's zero object has a field, empty. */
export function isAlwaysPresent(type: SchemaType, key: string): boolean {
  if (type.kind !== 'object') return false;
  const field = type.model.fields.get(key);
  return field !== undefined && field.type.kind !== 'scalar' && (field.presence === 'always' || field.presence === 'or-null');
}

/** Compares two versions; undefined stands for the zero object. */
export function compareObjects(before: object | undefined, after: object | undefined, type: SchemaType): Comparison {
  return compareValues(before ?? {}, after ?? {}, type);
}

function compareValues(before: unknown, after: unknown, type: SchemaType): Comparison {
  if (before === after) return same;
  if (isAbsent(before)) return isAbsent(after) ? same : { changed: wholeSet(after, type), removed: emptySet };
  if (isAbsent(after)) return { changed: emptySet, removed: wholeSet(before, type) };
  if (isAtomic(type)) return equal(before, after) ? same : modified;
  if (type.kind === 'list') return Array.isArray(before) && Array.isArray(after) ? compareLists(before, after, type) : modified;
  return isMap(before) && isMap(after) ? compareMaps(before, after, type) : modified;
}

function compareMaps(before: Json, after: Json, type: SchemaType): Comparison {
  let changed = start();
  let removed = start();
  for (const key in after) {
    if (before[key] === after[key]) continue;
    const one = compareFields(before[key], after[key], type, key);
    changed = changed.field(key, one.changed);
    removed = removed.field(key, one.removed);
  }
  for (const key in before) {
    if (after[key] !== undefined || before[key] === undefined) continue;
    const one = compareFields(before[key], undefined, type, key);
    changed = changed.field(key, one.changed);
    removed = removed.field(key, one.removed);
  }
  return comparisonOf(changed.set(false), removed.set(false));
}

const comparisonOf = (changed: FieldSet, removed: FieldSet): Comparison =>
  changed === emptySet && removed === emptySet ? same : { changed, removed };

function compareFields(before: unknown, after: unknown, type: SchemaType, key: string): Comparison {
  const own = memberType(type, key);
  if (isAbsent(before) === isAbsent(after) || isAtomic(own) || !isAlwaysPresent(type, key)) return compareValues(before, after, own);
  const zero = own.kind === 'list' ? [] : {};
  return compareValues(before ?? zero, after ?? zero, own);
}

function compareLists(before: readonly unknown[], after: readonly unknown[], type: SchemaType & { kind: 'list' }): Comparison {
  const old = elementsOf(before, type.merge);
  const now = elementsOf(after, type.merge);
  if (hasDuplicates(old) || hasDuplicates(now)) return compareGroups(group(before, type.merge), group(after, type.merge), type);
  let changed = start();
  let removed = start();
  for (let i = 0; i < now.length; i++) {
    const element = now[i]!;
    const at = old[i] === element ? i : old.indexOf(element);
    const one = compareValues(at < 0 ? undefined : before[at], after[i], type.item);
    changed = changed.item(element, one.changed);
    removed = removed.item(element, one.removed);
  }
  for (let i = 0; i < old.length; i++) {
    const element = old[i]!;
    if (now[i] !== element && !now.includes(element)) removed = removed.item(element, wholeSet(before[i], type.item));
  }
  return comparisonOf(changed.set(false), removed.set(false));
}

/** Elements that share a key are owned together. */
function compareGroups(
  old: ReadonlyMap<string, unknown[]>,
  now: ReadonlyMap<string, unknown[]>,
  type: SchemaType & { kind: 'list' },
): Comparison {
  let changed = start();
  let removed = start();
  for (const [element, items] of now) {
    const others = old.get(element) ?? [];
    const isJoint = items.length > 1 || others.length > 1;
    const one = isJoint ? (equal(items, others) ? same : modified) : compareValues(others[0], items[0], type.item);
    changed = changed.item(element, one.changed);
    removed = removed.item(element, one.removed);
  }
  for (const [element, items] of old)
    if (!now.has(element)) removed = removed.item(element, items.length > 1 ? leaf : wholeSet(items[0], type.item));
  return comparisonOf(changed.set(false), removed.set(false));
}

const elementsOf = (list: readonly unknown[], merge: ListMerge): string[] => list.map((item) => itemElement(item, merge));

function hasDuplicates(elements: readonly string[]): boolean {
  if (elements.length > 16) return new Set(elements).size !== elements.length;
  for (let i = 1; i < elements.length; i++) if (elements.indexOf(elements[i]!) !== i) return true;
  return false;
}

function group(list: readonly unknown[], merge: ListMerge): Map<string, unknown[]> {
  const out = new Map<string, unknown[]>();
  for (const item of list) {
    const element = itemElement(item, merge);
    const items = out.get(element);
    if (items) items.push(item);
    else out.set(element, [item]);
  }
  return out;
}

/** The list of each type that was walked last: Pods of a template share their containers, and come one after the other. */
const lastLists = new WeakMap<SchemaType, { readonly list: object; readonly set: FieldSet }>();

/** All fields of a value that is new, itself included. */
function wholeSet(value: unknown, type: SchemaType): FieldSet {
  if (typeof value !== 'object' || value === null || isAtomic(type)) return leaf;
  if (!Array.isArray(value)) return wholeMap(value as Json, type);
  if (type.kind !== 'list') return leaf;
  const last = lastLists.get(type);
  if (last?.list === value) return last.set;
  const set = wholeList(value, type);
  lastLists.set(type, { list: value, set });
  return set;
}

function wholeMap(map: Json, type: SchemaType): FieldSet {
  let built = start();
  for (const key in map) if (!isAbsent(map[key])) built = built.field(key, wholeSet(map[key], memberType(type, key)));
  return built.set(true);
}

function wholeList(list: readonly unknown[], type: SchemaType & { kind: 'list' }): FieldSet {
  const elements = elementsOf(list, type.merge);
  let built = start();
  if (hasDuplicates(elements)) {
    for (const [element, items] of group(list, type.merge))
      built = built.item(element, items.length > 1 ? leaf : wholeSet(items[0], type.item));
  } else for (let i = 0; i < list.length; i++) built = built.item(elements[i]!, wholeSet(list[i], type.item));
  return built.set(true);
}

/**
 * The fields that an applied configuration names: leaves, keys of maps and elements of lists, but not the structs around them.
 * Upstream: structured-merge-diff, `typed/tofieldset.go`.
 */
export function appliedSet(value: unknown, type: SchemaType): FieldSet {
  if (isAtomic(type)) return leaf;
  if (Array.isArray(value)) {
    if (type.kind !== 'list') return leaf;
    const items = [...group(value, type.merge)].map(([element, [first]]): [string, FieldSet] => {
      const inner = appliedSet(first, type.item);
      return [element, node(true, [...inner.children])];
    });
    return node(false, items);
  }
  if (!isMap(value)) return leaf;
  const children = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .map((key): [string, FieldSet] => {
      const item = value[key];
      const inner = appliedSet(item, memberType(type, key));
      const isOwn = type.kind !== 'object' || item === null || (isMap(item) && Object.keys(item).length === 0);
      return [fieldElement(key), isOwn ? node(true, [...inner.children]) : inner];
    });
  return node(false, children);
}
