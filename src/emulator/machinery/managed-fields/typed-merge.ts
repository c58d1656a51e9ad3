/** Merging an applied configuration into a live object by the schema, and removing fields from one. Unchanged parts stay shared. */
import { equal } from '../equality.ts';
import type { SchemaType } from '../schema.ts';
import { isAlwaysPresent, isAtomic, isMap, memberType } from './compare.ts';
import { emptySet, type FieldSet } from './field-set.ts';
import { fieldElement, itemElement } from './path-element.ts';

/** The live value with what the configuration says. Upstream: structured-merge-diff, `typed/merge.go`. */
export function mergeTyped(live: unknown, config: unknown, type: SchemaType): unknown {
  if (config === undefined || live === config) return live;
  if (live === undefined || live === null || config === null || isAtomic(type)) return equal(live, config) ? live : config;
  if (Array.isArray(live) && Array.isArray(config)) return type.kind === 'list' ? mergeLists(live, config, type) : config;
  if (!isMap(live) || !isMap(config)) return equal(live, config) ? live : config;
  let copy: Record<string, unknown> | undefined;
  for (const key of Object.keys(config)) {
    const merged = mergeTyped(live[key], config[key], memberType(type, key));
    if (merged === live[key]) continue;
    copy ??= { ...live };
    copy[key] = merged;
  }
  return copy ?? live;
}

/** Elements in the order of the configuration, with live ones that it does not name kept where they stood among the shared ones. */
function mergeLists(live: readonly unknown[], config: readonly unknown[], type: SchemaType & { kind: 'list' }): readonly unknown[] {
  const left = live.map((item) => itemElement(item, type.merge));
  const right = config.map((item) => itemElement(item, type.merge));
  const liveItems = new Map(left.map((element, i) => [element, live[i]]));
  const configItems = new Map(right.map((element, i) => [element, config[i]]));
  const shared = right.filter((element) => liveItems.has(element));
  const merged = new Set<string>();
  const out: unknown[] = [];
  let nextShared = shared.shift();
  const take = (element: string): void => {
    merged.add(element);
    out.push(mergeTyped(liveItems.get(element), configItems.get(element), type.item));
  };
  for (let i = 0, j = 0; i < left.length || j < right.length; ) {
    const [l, r] = [left[i], right[j]];
    if (l !== undefined && r !== undefined) {
      if (l === r) {
        take(l);
        i++;
        j++;
        nextShared = shared.shift();
        continue;
      }
      if (configItems.has(l) && nextShared !== undefined && nextShared !== l) {
        i++;
        continue;
      }
    }
    if (l !== undefined) {
      if (!configItems.has(l)) {
        out.push(live[i++]);
        continue;
      }
      if (merged.has(l)) i++;
    }
    if (r !== undefined) {
      take(r);
      j++;
      if (nextShared === r) nextShared = shared.shift();
    }
  }
  return out.length === live.length && out.every((item, i) => item === live[i]) ? live : out;
}

/** The value without the paths of a set. What a path names goes with all below it. Upstream: `typed/remove.go`. */
export function removePaths(value: unknown, paths: FieldSet, type: SchemaType): unknown {
  if (paths === emptySet || isAtomic(type)) return value;
  if (Array.isArray(value)) {
    if (type.kind !== 'list') return value;
    const kept: unknown[] = [];
    for (const item of value as unknown[]) {
      const own = paths.children.get(itemElement(item, type.merge));
      if (!own) kept.push(item);
      else if (!own.isMember) kept.push(removePaths(item, own, type.item));
    }
    return kept.length > 0 ? kept : undefined;
  }
  if (!isMap(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const own = paths.children.get(fieldElement(key));
    if (!own) copy[key] = value[key];
    else if (!own.isMember) {
      const left = removePaths(value[key], own, memberType(type, key));
      if (left !== undefined) copy[key] = left;
      else if (isAlwaysPresent(type, key)) copy[key] = Array.isArray(value[key]) ? [] : {};
    }
  }
  return Object.keys(copy).length > 0 ? copy : undefined;
}
