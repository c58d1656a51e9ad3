/** What a strategic merge patch needs of the schema, for structs, maps and values of which nothing is known. */
import { anyType, type FieldSchema, type ModelSchema, modelSchema, type SchemaType } from '../schema.ts';
import { PatchError } from './patch-error.ts';

export interface FieldPatch {
  /** The type of the field. */
  readonly type: SchemaType;
  readonly patch: FieldSchema['patch'];
}

const noPatch: FieldSchema['patch'] = { isMerged: false, retainsKeys: false, isReplaced: false, mergeKey: undefined };

const rootTypes = new WeakMap<ModelSchema, SchemaType>();

/** The type of a model at the top. */
export function rootType(name: string): SchemaType {
  const model = modelSchema(name);
  let type = rootTypes.get(model);
  if (!type) rootTypes.set(model, (type = { kind: 'object', name, isAtomic: false, model }));
  return type;
}

/** What a field of a type is and how it merges. Throws a PatchError for a field that a struct does not have. */
export function fieldPatch(type: SchemaType, key: string): FieldPatch {
  if (type.kind === 'map') return { type: type.value, patch: noPatch };
  if (type.kind !== 'object') return { type: anyType, patch: noPatch };
  const field = type.model.fields.get(key);
  if (!field) throw new PatchError(`unable to find api field in struct ${type.name} for the json field ${JSON.stringify(key)}`);
  return field;
}

/** The type of a list's elements. */
export const itemType = (type: SchemaType): SchemaType => (type.kind === 'list' ? type.item : anyType);
