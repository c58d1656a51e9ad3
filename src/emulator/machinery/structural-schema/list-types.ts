/** Whether lists of type set and map hold each element once. Upstream: apiextensions-apiserver/pkg/apiserver/schema/listtype. */
import type { JSONSchemaProps } from '../../api/generated/types.ts';
import type { FieldError } from '../field-error.ts';
import { duplicate, invalid } from '../field-error.ts';
import { marshalCompact } from '../json.ts';
import { isMap, itemsOf, valuesOf } from './schema.ts';

export function validateListTypes(value: unknown, schema: JSONSchemaProps, path: string, errors: FieldError[]): void {
  if (Array.isArray(value)) {
    const type = schema['x-kubernetes-list-type'];
    if (type === 'set') for (const i of repeated(value)) errors.push(duplicate(`${path}[${i}]`, value[i]));
    if (type === 'map') validateMapList(value, schema['x-kubernetes-list-map-keys'] ?? [], path, errors);
    const items = itemsOf(schema);
    if (items) for (const [i, item] of value.entries()) validateListTypes(item, items, `${path}[${i}]`, errors);
    return;
  }
  if (!isMap(value)) return;
  const values = valuesOf(schema);
  for (const key in value) {
    const property = schema.properties?.[key];
    if (property) validateListTypes(value[key], property, path === '' ? key : `${path}.${key}`, errors);
    else if (values && values !== true) validateListTypes(value[key], values, `${path}[${key}]`, errors);
  }
}

function validateMapList(list: readonly unknown[], keys: readonly string[], path: string, errors: FieldError[]): void {
  const wrong = list.findIndex((item) => item !== null && !isMap(item));
  if (wrong >= 0) {
    errors.push(invalid(`${path}[${wrong}]`, list[wrong], 'must be an object for an array of list-type map'));
    return;
  }
  const named = list.map((item) =>
    Object.fromEntries(keys.flatMap((key) => (isMap(item) && item[key] !== undefined ? [[key, item[key]]] : []))),
  );
  for (const i of repeated(named)) errors.push(duplicate(`${path}[${i}]`, named[i]));
}

/** Positions of the second of equal elements. */
function repeated(list: readonly unknown[]): number[] {
  const counts = new Map<string, number>();
  const found: number[] = [];
  list.forEach((item, i) => {
    const key = marshalCompact(item);
    const count = counts.get(key) ?? 0;
    counts.set(key, count + 1);
    if (count === 1) found.push(i);
  });
  return found;
}
