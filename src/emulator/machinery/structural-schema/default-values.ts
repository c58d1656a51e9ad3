/** Fills in default values of a structural schema. Upstream: apiextensions-apiserver/pkg/apiserver/schema/defaulting. */
import type { JSONSchemaProps } from '../../api/generated/types.ts';
import { mapList } from './prune.ts';
import { isMap, itemsOf, valuesOf } from './schema.ts';

/** Whether a schema has a default anywhere: most have none, and then nothing is walked. */
export function hasDefaults(schema: JSONSchemaProps): boolean {
  if (schema.default !== undefined) return true;
  const [items, values] = [itemsOf(schema), valuesOf(schema)];
  return (
    Object.values(schema.properties ?? {}).some(hasDefaults) ||
    (items !== undefined && hasDefaults(items)) ||
    (values !== undefined && values !== true && hasDefaults(values))
  );
}

/** The value with defaults, itself when it lacks none. Null where none is allowed is dropped, or becomes the default. */
export function setDefaults(value: unknown, schema: JSONSchemaProps): unknown {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    return items ? mapList(value, (item) => setDefaults(isBadNull(item, items) ? (items.default ?? item) : item, items)) : value;
  }
  if (!isMap(value)) return value;
  let copy: Record<string, unknown> | undefined;
  const { properties = {} } = schema;
  const values = valuesOf(schema);
  for (const key in properties) {
    const property = properties[key]!;
    const before = value[key];
    const isMissing = before === undefined || isBadNull(before, property);
    const after = isMissing ? property.default : before;
    const next = after === undefined ? undefined : setDefaults(after, property);
    if (next === before) continue;
    copy ??= { ...value };
    if (next === undefined) delete copy[key];
    else copy[key] = next;
  }
  if (values === undefined || values === true) return copy ?? value;
  for (const key in value) {
    if (Object.hasOwn(properties, key)) continue;
    const before = value[key];
    const next = setDefaults(isBadNull(before, values) && values.default !== undefined ? values.default : before, values);
    if (next !== before) (copy ??= { ...value })[key] = next;
  }
  return copy ?? value;
}

const isBadNull = (value: unknown, schema: JSONSchemaProps): boolean => value === null && !schema.nullable;
