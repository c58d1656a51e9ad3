/** How a custom resource merges: its structural schema as the run-time schema that patches and field ownership walk. */
import type { JSONSchemaProps } from '../../api/generated/types.ts';
import { anyType, modelSchema } from '../schema.ts';
import type { FieldSchema, ListMerge, ModelSchema, SchemaType } from '../schema.ts';
import { itemsOf, keepsUnknown, typeOf, valuesOf } from './schema.ts';

const noPatch: FieldSchema['patch'] = { isMerged: false, retainsKeys: false, isReplaced: false, mergeKey: undefined };
const text: SchemaType = { kind: 'scalar', scalar: 'string' };

/** The model of a whole custom resource; `name` is its own, as a built-in model has one. */
export function modelOf(name: string, schema: JSONSchemaProps): ModelSchema {
  const fields = new Map<string, FieldSchema>();
  fields.set('apiVersion', field('apiVersion', text));
  fields.set('kind', field('kind', text));
  const metadata: SchemaType = {
    kind: 'object',
    name: 'ObjectMeta',
    isAtomic: false,
    get model() {
      return modelSchema('ObjectMeta');
    },
  };
  fields.set('metadata', field('metadata', metadata));
  for (const [key, property] of Object.entries(schema.properties ?? {}))
    if (!fields.has(key)) fields.set(key, field(key, schemaType(`${name}.${key}`, property)));
  return { name, fields, required: schema.required ?? [], always: [], isAtomic: false };
}

const field = (name: string, type: SchemaType): FieldSchema => ({ name, type, isRequired: false, presence: 'if-set', patch: noPatch });

function schemaType(name: string, schema: JSONSchemaProps): SchemaType {
  const items = itemsOf(schema);
  if (typeOf(schema) === 'array' && items) return { kind: 'list', item: schemaType(`${name}.items`, items), merge: mergeOf(schema, items) };
  const isAtomic = schema['x-kubernetes-map-type'] === 'atomic';
  const values = valuesOf(schema);
  if (values) return { kind: 'map', value: values === true ? anyType : schemaType(`${name}.values`, values), isAtomic };
  if (typeOf(schema) !== 'object') return anyType;
  // A field that the schema does not name is merged key by key.
  if (!schema.properties || keepsUnknown(schema)) return { kind: 'map', value: anyType, isAtomic };
  const fields = new Map(Object.entries(schema.properties).map(([key, value]) => [key, field(key, schemaType(`${name}.${key}`, value))]));
  return { kind: 'object', name, isAtomic, model: { name, fields, required: schema.required ?? [], always: [], isAtomic } };
}

function mergeOf(schema: JSONSchemaProps, items: JSONSchemaProps): ListMerge {
  const listType = schema['x-kubernetes-list-type'] ?? 'atomic';
  if (listType !== 'map') return { listType: listType === 'set' ? 'set' : 'atomic', keys: [], keyDefaults: {} };
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const keyDefaults: Record<string, string> = {};
  for (const key of keys) {
    const value = items.properties?.[key]?.default;
    if (value !== undefined) keyDefaults[key] = String(value);
  }
  return { listType: 'map', keys, keyDefaults };
}
