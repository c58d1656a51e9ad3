/**
 * Strategic merge as kustomize does it, which is not as the API server does: items of the patch come first in a list, lists with
 * several keys are matched by all of them, and kinds without a schema merge maps and replace lists.
 * Upstream: kyaml/yaml/merge2, kyaml/yaml/walk.
 */
import { anyType, hasModel, modelSchema, type SchemaType } from '../../../emulator/machinery/schema.ts';
import type { Json } from '../json.ts';
import { KustomizeError } from './error.ts';

/** The object with the patch merged into it; undefined when the patch deletes it. */
export function strategicMerge(object: Json, patch: Json): Json {
  const { apiVersion = '', kind = '' } = object;
  const group: string = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  const isBuiltIn = (!group.includes('.') || group.endsWith('.k8s.io')) && hasModel(kind);
  const type: SchemaType = isBuiltIn ? { kind: 'object', name: kind, isAtomic: false, model: modelSchema(kind) } : anyType;
  return merge(object, patch, type, undefined);
}

/** How a list merges: its keys, `['']` for a list of scalars; undefined when it is replaced. */
type Keys = readonly string[] | undefined;

function merge(target: Json, patch: Json, type: SchemaType, keys: Keys): Json {
  if (patch === undefined) return target;
  if (patch === null) return undefined;
  if (Array.isArray(patch)) {
    if (target !== undefined && target !== null && !Array.isArray(target)) throw wrongKind(target);
    return mergeLists(target ?? undefined, patch, type, keys);
  }
  if (typeof patch !== 'object') {
    if (typeof target === 'object' && target !== null) throw wrongKind(patch);
    return patch;
  }
  if (target !== undefined && target !== null && (typeof target !== 'object' || Array.isArray(target))) throw wrongKind(target);
  return mergeMaps(target ?? undefined, patch, type);
}

const wrongKind = (value: Json): KustomizeError =>
  new KustomizeError(
    `wrong node kind: expected MappingNode but was ${Array.isArray(value) ? 'SequenceNode' : 'ScalarNode'}: node contents:\n${JSON.stringify(value)}`,
  );

function mergeMaps(target: Json, patch: Json, type: SchemaType): Json {
  const { $patch: directive, ...fields } = patch;
  if (directive === 'delete') return undefined;
  if (target === undefined || directive === 'replace') return withoutDirectives(fields);
  const merged = { ...target };
  for (const [name, value] of Object.entries(fields)) {
    const field = fieldOf(type, name);
    const result = merge(target[name], value, field.type, field.keys);
    if (result === undefined) delete merged[name];
    else merged[name] = result;
  }
  return merged;
}

/** A map that is taken over whole: nulls and directives have nothing to remove from it. */
function withoutDirectives(value: Json): Json {
  if (Array.isArray(value)) return value.filter((item) => item?.$patch !== 'delete').map(withoutDirectives);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries<Json>(value).flatMap(([key, child]) =>
      child === null || key === '$patch' || child?.$patch === 'delete' ? [] : [[key, withoutDirectives(child)]],
    ),
  );
}

function mergeLists(target: readonly Json[] | undefined, patch: readonly Json[], type: SchemaType, keys: Keys): Json {
  const directive = patch.find(
    (item) => typeof item === 'object' && item !== null && Object.keys(item).length === 1 && item.$patch,
  )?.$patch;
  const items = directive === undefined ? patch : patch.filter((item) => !item?.$patch || Object.keys(item).length > 1);
  if (directive === 'delete') return undefined;
  if (keys === undefined || directive === 'replace') return items.map(withoutDirectives);
  if (target === undefined) return withoutDirectives(items);
  if (keys[0] === '') return [...items, ...target.filter((item) => !items.includes(item))];
  const item = type.kind === 'list' ? type.item : anyType;
  const used = keys.filter((key) => [...items, ...target].some((one) => one?.[key] !== undefined));
  const front: Json[] = [];
  const rest: Json[] = [...target];
  for (const one of items) {
    const at = rest.findIndex((other) => sameKeys(other, one, keys));
    const result = merge(at < 0 ? undefined : rest[at], one, item, undefined);
    // A quirk: with several keys in use, a merged item stays where the target has it; else it stands where the patch has it.
    if (at >= 0) rest.splice(at, 1, ...(result !== undefined && used.length > 1 ? [result] : []));
    if (result !== undefined && (at < 0 || used.length < 2)) front.push(result);
  }
  return [...front, ...rest];
}

/** Keys that one of the two lacks do not tell them apart. */
function sameKeys(a: Json, b: Json, keys: readonly string[]): boolean {
  let same = 0;
  for (const key of keys) {
    const [x, y] = [a?.[key], b?.[key]];
    if (x === undefined || y === undefined) continue;
    if (x !== y) return false;
    same++;
  }
  return same > 0;
}

function fieldOf(type: SchemaType, name: string): { readonly type: SchemaType; readonly keys: Keys } {
  if (type.kind === 'map') return { type: type.value, keys: undefined };
  const field = type.kind === 'object' ? type.model.fields.get(name) : undefined;
  if (field?.type.kind !== 'list') return { type: field?.type ?? anyType, keys: undefined };
  const { merge: listMerge } = field.type;
  if (!field.patch.isMerged) return { type: field.type, keys: undefined };
  if (listMerge.keys.length > 0) return { type: field.type, keys: listMerge.keys };
  return { type: field.type, keys: [field.patch.mergeKey ?? ''] };
}
