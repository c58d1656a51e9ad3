/**
 * Which fields changed between two versions of an object. Parts that both versions share by identity are skipped, and the set of a
 * part that is new is remembered by the part's identity, since Pods of a template share most of theirs.
 *
 * Upstream: structured-merge-diff, `typed/compare.go`.
 */
import { equal } from '../equality.ts';
import type { FieldSchema, ListMerge, SchemaType } from '../schema.ts';
import { anyType } from '../schema.ts';
import { emptySet, type FieldSet, leaf, node } from './field-set.ts';
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

/**
 * Struct fields that upstream's Go types hold by value, so that the zero object has them: setting something in them does not add
 * the field itself. Required lists and structs are so too.
 */
const heldByValue = new Set([
  'CronJobSpec.jobTemplate',
  'DaemonSetSpec.updateStrategy',
  'DeploymentSpec.strategy',
  'Event.involvedObject',
  'Event.source',
  'IngressStatus.loadBalancer',
  'NodeStatus.daemonEndpoints',
  'NodeStatus.nodeInfo',
  'PersistentVolumeClaimSpec.resources',
  'PodTemplate.template',
  'ServiceStatus.loadBalancer',
  'StatefulSetSpec.updateStrategy',
]);
const presence = new WeakMap<FieldSchema, boolean>();

/** Whether upstream's zero object has a field, empty. */
export function isAlwaysPresent(type: SchemaType, key: string): boolean {
  if (type.kind !== 'object') return false;
  const field = type.model.fields.get(key);
  if (!field || field.type.kind === 'scalar') return false;
  let answer = presence.get(field);
  if (answer === undefined) {
    const isPart = field.type.kind === 'object' && (key === 'metadata' || key === 'spec' || key === 'status') && !type.name.endsWith('Source');
    answer = field.isRequired || isPart || heldByValue.has(`${type.name}.${key}`);
    presence.set(field, answer);
  }
  return answer;
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
  const changed: [string, FieldSet][] = [];
  const removed: [string, FieldSet][] = [];
  for (const key in after) if (before[key] !== after[key]) push(changed, removed, key, compareFields(before[key], after[key], type, key));
  for (const key in before) if (after[key] === undefined && before[key] !== undefined) push(changed, removed, key, compareFields(before[key], undefined, type, key));
  return changed.length === 0 && removed.length === 0 ? same : { changed: node(false, changed), removed: node(false, removed) };
}

function push(changed: [string, FieldSet][], removed: [string, FieldSet][], key: string, one: Comparison): void {
  if (one.changed !== emptySet) changed.push([fieldElement(key), one.changed]);
  if (one.removed !== emptySet) removed.push([fieldElement(key), one.removed]);
}

function compareFields(before: unknown, after: unknown, type: SchemaType, key: string): Comparison {
  const own = memberType(type, key);
  if (isAbsent(before) === isAbsent(after) || isAtomic(own) || !isAlwaysPresent(type, key)) return compareValues(before, after, own);
  const zero = own.kind === 'list' ? [] : {};
  return compareValues(before ?? zero, after ?? zero, own);
}

function compareLists(before: readonly unknown[], after: readonly unknown[], type: SchemaType & { kind: 'list' }): Comparison {
  const changed: [string, FieldSet][] = [];
  const removed: [string, FieldSet][] = [];
  const old = group(before, type.merge);
  const now = group(after, type.merge);
  for (const [element, items] of now) {
    const others = old.get(element) ?? [];
    // Elements that share a key are owned together.
    const one =
      items.length > 1 || others.length > 1 ? (equal(items, others) ? same : modified) : compareValues(others[0], items[0], type.item);
    if (one.changed !== emptySet) changed.push([element, one.changed]);
    if (one.removed !== emptySet) removed.push([element, one.removed]);
  }
  for (const [element, items] of old) if (!now.has(element)) removed.push([element, items.length > 1 ? leaf : wholeSet(items[0], type.item)]);
  return { changed: node(false, changed), removed: node(false, removed) };
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

const wholes = new WeakMap<SchemaType, WeakMap<object, FieldSet>>();

/** All fields of a value that is new, itself included. */
function wholeSet(value: unknown, type: SchemaType): FieldSet {
  if (typeof value !== 'object' || value === null || isAtomic(type)) return leaf;
  let byValue = wholes.get(type);
  if (!byValue) {
    byValue = new WeakMap();
    wholes.set(type, byValue);
  }
  let set = byValue.get(value);
  if (!set) {
    set = node(true, wholeChildren(value, type));
    byValue.set(value, set);
  }
  return set;
}

function wholeChildren(value: object, type: SchemaType): [string, FieldSet][] {
  const children: [string, FieldSet][] = [];
  if (Array.isArray(value)) {
    if (type.kind !== 'list') return children;
    for (const [element, items] of group(value, type.merge)) children.push([element, items.length > 1 ? leaf : wholeSet(items[0], type.item)]);
    return children;
  }
  const map = value as Json;
  for (const key in map) if (!isAbsent(map[key])) children.push([fieldElement(key), wholeSet(map[key], memberType(type, key))]);
  return children;
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
