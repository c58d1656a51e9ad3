/** Types of the files that components are configured with, in the form in which objects of the API are decoded: so a misspelt field is noticed. */
import type { FieldSchema, ListMerge, ModelSchema, ScalarType, SchemaType } from './schema.ts';

const atomic: ListMerge = { listType: 'atomic', keys: [], keyDefaults: {} };
const unmerged = { isMerged: false, retainsKeys: false, isReplaced: false, mergeKey: undefined };

export const scalar = (type: ScalarType): SchemaType => ({ kind: 'scalar', scalar: type });
export const list = (item: SchemaType): SchemaType => ({ kind: 'list', item, merge: atomic });
export const object = (model: ModelSchema): SchemaType => ({ kind: 'object', name: model.name, isAtomic: false, model });

/** A type with its fields, none of them required: what must be there is validation's affair. */
export function model(name: string, types: Readonly<Record<string, ScalarType | SchemaType>>): ModelSchema {
  const fields = new Map<string, FieldSchema>();
  for (const field in types) {
    const type = types[field]!;
    fields.set(field, {
      name: field,
      type: typeof type === 'string' ? scalar(type) : type,
      isRequired: false,
      presence: 'if-set',
      patch: unmerged,
    });
  }
  return { name, fields, required: [], always: [], isAtomic: false };
}

export const typeMeta = { apiVersion: 'string', kind: 'string' } as const;
