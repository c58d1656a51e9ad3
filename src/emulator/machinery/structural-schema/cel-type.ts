/** The type that an expression sees of a value, from its structural schema. Upstream: apiserver/pkg/cel/common/schemas.go. */
import type { JSONSchemaProps } from '../../api/generated/types.ts';
import { bool, bytes, double, duration, dyn, int, listOf, mapOf, objectType, string, timestamp } from '../cel/index.ts';
import type { Type } from '../cel/index.ts';
import { isEmbedded, itemsOf, keepsUnknown, typeOf, valuesOf } from './schema.ts';

const metadata = objectType('ObjectMeta', [
  ['name', string],
  ['generateName', string],
]);

/** `isRoot`: a whole resource, which has a kind, a version and names whether the schema says so or not. */
export function celType(schema: JSONSchemaProps, name: string, isRoot: boolean): Type {
  switch (typeOf(schema)) {
    case 'boolean':
      return bool;
    case 'integer':
      return int;
    case 'number':
      return double;
    case 'string':
      return textType(schema.format);
    case 'array': {
      const items = itemsOf(schema);
      return listOf(items ? celType(items, `${name}.@items`, isEmbedded(items)) : dyn);
    }
    case 'object':
      return mapOrObject(schema, name, isRoot || isEmbedded(schema));
    default:
      return dyn;
  }
}

function textType(format: string | undefined): Type {
  if (format === 'byte') return bytes;
  if (format === 'duration') return duration;
  return format === 'date' || format === 'date-time' ? timestamp : string;
}

function mapOrObject(schema: JSONSchemaProps, name: string, isResource: boolean): Type {
  const values = valuesOf(schema);
  if (values) return mapOf(string, values === true ? dyn : celType(values, `${name}.@values`, false));
  const { properties } = schema;
  if (!properties && !isResource) return keepsUnknown(schema) ? dyn : objectType(name, []);
  const own = Object.entries(properties ?? {}).map(([key, property]) => [key, celType(property, `${name}.${key}`, false)] as const);
  if (!isResource) return objectType(name, own);
  const rest = own.filter(([key]) => !['apiVersion', 'kind', 'metadata'].includes(key));
  return objectType(name, [['apiVersion', string], ['kind', string], ['metadata', metadata], ...rest]);
}
