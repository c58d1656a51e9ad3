/** Removes fields that a structural schema does not name. Upstream: apiextensions-apiserver/pkg/apiserver/schema/pruning. */
import type { JSONSchemaProps } from '../../api/generated/types.ts';
import { isEmbedded, isMap, itemsOf, keepsUnknown, metaFields, valuesOf } from './schema.ts';
import type { Json } from './schema.ts';

/** The value without unknown fields, itself when it has none; paths of what was removed are added to the list. */
export function prune(value: unknown, schema: JSONSchemaProps, isRoot: boolean, unknown: string[]): unknown {
  return pruneValue(value, schema, isRoot, '', unknown);
}

const child = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

function pruneValue(value: unknown, schema: JSONSchemaProps | undefined, isResource: boolean, path: string, unknown: string[]): unknown {
  if (Array.isArray(value)) {
    const items = schema && itemsOf(schema);
    if (schema && keepsUnknown(schema) && !items) return value;
    return mapList(value, (item, i) => pruneValue(item, items, items !== undefined && isEmbedded(items), `${path}[${i}]`, unknown));
  }
  if (!isMap(value)) return value;
  let copy: Record<string, unknown> | undefined;
  for (const key in value) {
    if (isResource && metaFields.has(key)) continue;
    const at = child(path, key);
    const next = pruneField(value, key, schema, at, unknown);
    if (next === value[key]) continue;
    copy ??= { ...value };
    if (next === undefined) delete copy[key];
    else copy[key] = next;
  }
  return copy ?? value;
}

function pruneField(value: Json, key: string, schema: JSONSchemaProps | undefined, at: string, unknown: string[]): unknown {
  const property = schema?.properties && Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
  if (property) return pruneValue(value[key], property, isEmbedded(property), at, unknown);
  const values = schema && valuesOf(schema);
  if (values === true || (values === undefined && schema && keepsUnknown(schema))) return value[key];
  if (values) return pruneValue(value[key], values, isEmbedded(values), at, unknown);
  if (value[key] !== undefined) unknown.push(at);
  return undefined;
}

/** Maps a list; the same list when no element changes. */
export function mapList(list: readonly unknown[], by: (item: unknown, i: number) => unknown): readonly unknown[] {
  let copy: unknown[] | undefined;
  list.forEach((item, i) => {
    const next = by(item, i);
    if (next !== item) (copy ??= [...list])[i] = next;
  });
  return copy ?? list;
}
