/**
 * Paths of field specs (`spec/template/spec/containers[]/image`): lists on the way are entered, whether marked or not.
 * Upstream: api/filters/fieldspec/fieldspec.go.
 */
import type { Json } from '../json.ts';
import { KustomizeError } from './error.ts';
import { groupVersion, idText } from './resource-id.ts';

export interface FieldSpec {
  readonly path: string;
  readonly group?: string | undefined;
  readonly version?: string | undefined;
  readonly kind?: string | undefined;
  /** Whether a missing field is made. */
  readonly create?: boolean | undefined;
}

/** Gives the value that a field is to have; the same one leaves it. */
export type Change = (value: Json) => Json;

/** Changes the field of every spec that fits the object. `empty` makes the value of a field that is created. */
export function changeFields(object: Json, specs: readonly FieldSpec[], empty: () => Json, change: Change): void {
  for (const spec of specs) changeField(object, spec, empty, change);
}

export function changeField(object: Json, spec: FieldSpec, empty: () => Json, change: Change): void {
  const { group, version } = groupVersion(object.apiVersion ?? '');
  if (spec.kind && spec.kind !== object.kind) return;
  if (spec.group && spec.group !== group) return;
  if (spec.version && spec.version !== version) return;
  try {
    walk(object, splitPath(spec.path), { create: spec.create ?? false, empty, change });
  } catch (error) {
    if (!(error instanceof KustomizeError)) throw error;
    const id = { group, version, kind: object.kind, name: object.metadata?.name, namespace: object.metadata?.namespace };
    throw new KustomizeError(`considering field '${spec.path}' of object ${idText(id)}: ${error.message}`);
  }
}

interface Walk {
  readonly create: boolean;
  readonly empty: () => Json;
  readonly change: Change;
}

function walk(value: Json, path: readonly string[], how: Walk): void {
  if (value === null || value === undefined) return;
  if (Array.isArray(value)) {
    for (const item of value) within(path, () => walk(item, path, how));
    return;
  }
  if (typeof value !== 'object') throw new KustomizeError('expected sequence or mapping node');
  const [first, ...rest] = path as [string, ...string[]];
  const isList = first.endsWith('[]');
  const name = isList ? first.slice(0, -2) : first;
  const isMissing = value[name] === undefined || value[name] === null;
  if (isMissing) {
    if (!how.create || isList) return;
    value[name] = rest.length === 0 ? how.empty() : {};
  }
  if (rest.length > 0) {
    walk(value[name], rest, how);
    return;
  }
  const target = value[name];
  // A path that ends at a marked list means its elements.
  if (isList && Array.isArray(target)) value[name] = target.map(how.change);
  else value[name] = how.change(target);
}

function within(path: readonly string[], act: () => void): void {
  try {
    act();
  } catch (error) {
    throw error instanceof KustomizeError ? new KustomizeError(`visit traversal on path: [${path.join(' ')}]: ${error.message}`) : error;
  }
}

/** Parts of a path; `\/` is a slash within a part. */
export function splitPath(path: string, delimiter = '/'): string[] {
  const parts = path.split(delimiter);
  if (parts.length > 1 && parts[0] === '') parts.shift();
  const joined: string[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (last?.endsWith('\\')) joined[joined.length - 1] = last.slice(0, -1) + delimiter + part;
    else joined.push(part);
  }
  return joined;
}
