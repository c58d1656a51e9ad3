/** How the elements of a list are named in paths: by their keys, or by their value in a set. */
import { goJson } from '../json.ts';
import type { ListMerge } from '../schema.ts';

const fieldNames = new Map<string, string>();

/** `f:name`; the texts are shared. */
export function fieldElement(name: string): string {
  let element = fieldNames.get(name);
  if (element === undefined) {
    element = `f:${name}`;
    // Keys of labels and annotations come from users: the table must not grow for ever.
    if (fieldNames.size > 20_000) fieldNames.clear();
    fieldNames.set(name, element);
  }
  return element;
}

const singles = new WeakMap<ListMerge, Map<string, string>>();

/** Most lists have one key, a text: the names of containers, the types of conditions. */
function singleElement(key: string, value: string, merge: ListMerge): string {
  let elements = singles.get(merge);
  if (!elements || elements.size > 5000) {
    elements = new Map();
    singles.set(merge, elements);
  }
  let element = elements.get(value);
  if (element === undefined) {
    element = `k:${goJson({ [key]: value })}`;
    elements.set(value, element);
  }
  return element;
}

/** `k:{"name":"a"}` of an element of a map list, `v:"a"` of one of a set. */
export function itemElement(item: unknown, merge: ListMerge): string {
  if (merge.listType !== 'map') return `v:${goJson(item)}`;
  if (merge.keys.length === 1) {
    const value = (item as Record<string, unknown> | null)?.[merge.keys[0]!];
    if (typeof value === 'string') return singleElement(merge.keys[0]!, value, merge);
  }
  const keys: Record<string, unknown> = {};
  for (const key of [...merge.keys].sort()) {
    const value = (item as Record<string, unknown> | null)?.[key] ?? merge.keyDefaults[key];
    if (value !== undefined) keys[key] = value;
  }
  return `k:${goJson(keys)}`;
}

/** A path as upstream writes it: `.spec.containers[name="nginx"].image`. */
export function pathText(path: readonly string[]): string {
  return path.map(elementText).join('');
}

function elementText(element: string): string {
  const body = element.slice(2);
  if (element.startsWith('f:')) return `.${body}`;
  if (element.startsWith('v:')) return `[=${body}]`;
  if (element.startsWith('i:')) return `[${body}]`;
  const keys = JSON.parse(body) as Record<string, unknown>;
  return `[${Object.entries(keys)
    .map(([key, value]) => `${key}=${goJson(value)}`)
    .join(',')}]`;
}
