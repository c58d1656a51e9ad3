/**
 * Decoding of a CustomResourceDefinition. What stands below `items` and `additionalProperties` of a schema Go decodes by itself, so
 * that unknown fields there are dropped in silence, and errors name the place where it began.
 * Upstream: apiextensions-apiserver/pkg/apis/apiextensions/v1/marshal.go.
 */
import { DecodeError, decodeObject } from '../../machinery/decode/walk.ts';
import { decode } from '../../machinery/decode.ts';
import type { Decoded } from '../../machinery/decode.ts';
import { modelSchema } from '../../machinery/schema.ts';
import { isMap } from '../../machinery/structural-schema/schema.ts';
import type { CustomResourceDefinition, CustomResourceDefinitionVersion, JSONSchemaProps } from '../generated/types.ts';

type Version = CustomResourceDefinitionVersion;

/** Fields that hold schemas by name, and those that hold a list of them. */
const maps = ['properties', 'patternProperties', 'definitions'] as const;
const lists = ['allOf', 'anyOf', 'oneOf'] as const;

export function decodeDefinition(value: object): Decoded<object> {
  const { object, strictErrors } = decode<CustomResourceDefinition>(value, 'CustomResourceDefinition');
  const found = [...strictErrors];
  const before = object.spec?.versions;
  if (!before) return { object, strictErrors };
  const versions = mapped(before, (version, i) => decodeVersion(version, i, found));
  return { object: versions === before ? object : { ...object, spec: { ...object.spec, versions } }, strictErrors: found };
}

/** The list with each element replaced; itself when none is another. */
function mapped<T>(list: readonly T[], change: (item: T, i: number) => T): readonly T[] {
  const next = list.map(change);
  return next.every((item, i) => item === list[i]) ? list : next;
}

function decodeVersion(version: Version, i: number, strictErrors: string[]): Version {
  const root = version.schema?.openAPIV3Schema;
  const schema = root && decodeSchema(root, 'spec.versions.schema.openAPIV3Schema', undefined);
  const next = schema === root ? version : { ...version, schema: { ...version.schema, openAPIV3Schema: schema } };
  const status = next.subresources?.status as unknown;
  if (status === undefined) return next;
  if (!isMap(status)) {
    const found = Array.isArray(status) ? 'array' : typeof status === 'boolean' ? 'bool' : typeof status;
    const place = 'CustomResourceSubresources.spec.versions.subresources.status';
    throw new DecodeError(`json: cannot unmarshal ${found} into Go struct field ${place} of type v1.CustomResourceSubresourceStatus`);
  }
  const keys = Object.keys(status);
  for (const key of keys) strictErrors.push(`unknown field "spec.versions[${i}].subresources.status.${key}"`);
  return keys.length === 0 ? next : { ...next, subresources: { ...next.subresources, status: {} } };
}

/** `path` is where Go is; `outer` where the decoding by itself began, if it did. */
function decodeSchema(schema: JSONSchemaProps, path: string, outer: string | undefined): JSONSchemaProps {
  let next = schema;
  const put = (key: string, value: unknown, before: unknown): void => {
    if (value !== before) next = { ...next, [key]: value };
  };
  for (const key of maps) {
    const before = schema[key];
    if (!before) continue;
    const entries = Object.entries(before).map(([name, one]) => [name, decodeSchema(one, `${path}.${key}`, outer)] as const);
    put(key, entries.every(([name, one]) => one === before[name]) ? before : Object.fromEntries(entries), before);
  }
  for (const key of lists) {
    const before = schema[key];
    if (before)
      put(
        key,
        mapped(before, (one) => decodeSchema(one, `${path}.${key}`, outer)),
        before,
      );
  }
  if (schema.not) put('not', decodeSchema(schema.not, `${path}.not`, outer), schema.not);
  const items: unknown = schema.items;
  const at = outer ?? `${path}.items`;
  if (Array.isArray(items))
    put(
      'items',
      mapped(items, (one) => decodeAlone(one, at)),
      items,
    );
  else if (isMap(items)) put('items', decodeAlone(items, at), items);
  for (const key of ['additionalProperties', 'additionalItems'] as const) {
    const values: unknown = schema[key];
    if (isMap(values)) put(key, decodeAlone(values, outer ?? `${path}.${key}`), values);
    else if (values !== undefined && typeof values !== 'boolean') throw new DecodeError('boolean or JSON schema expected');
  }
  return next;
}

function decodeAlone(value: unknown, outer: string): unknown {
  try {
    return decodeSchema(decodeObject(value, modelSchema('JSONSchemaProps'), []) as JSONSchemaProps, '', outer);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new DecodeError(
      error.message.replace(/into Go (?:struct field \S+|value) of type/, `into Go struct field JSONSchemaProps.${outer} of type`),
    );
  }
}
