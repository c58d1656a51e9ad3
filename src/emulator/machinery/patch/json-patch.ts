/**
 * JSON patches (RFC 6902) with the wording of the library that the API server uses. Each operation copies only the path to what it
 * changes. Upstream: `evanphx/json-patch` v4.
 */
import { equal } from '../equality.ts';
import { hasKey, isMap, PatchError } from './patch-error.ts';

export interface JsonPatchOperation {
  readonly op: string;
  readonly path: string;
  readonly from?: string | undefined;
  readonly value?: unknown;
}

/** Upstream: `apiserver/pkg/endpoints/handlers/patch.go`, maxJSONPatchOperations. */
export const maxJsonPatchOperations = 10_000;

/** The object with the operations applied in turn. Throws a PatchError. */
export function applyJsonPatch<T>(object: T, operations: unknown): T {
  if (!Array.isArray(operations))
    throw new PatchError(
      `json: cannot unmarshal ${isMap(operations) ? 'object' : typeof operations} into Go value of type jsonpatch.Patch`,
    );
  return (operations as unknown[]).reduce((document, operation) => {
    if (!isMap(operation)) throw new PatchError('json: cannot unmarshal array into Go value of type jsonpatch.Operation');
    return applyOne(document, operation as unknown as JsonPatchOperation);
  }, object as unknown) as T;
}

function applyOne(document: unknown, operation: JsonPatchOperation): unknown {
  const op = typeof operation.op === 'string' ? operation.op : 'unknown';
  const path = textOf(operation.path, op, 'path');
  switch (op) {
    case 'add':
      return edit(document, path, missing(`add operation does not apply: doc is missing path: "${path}"`), (parent, key) =>
        wrapped(`error in add for path: '${path}'`, () => add(parent, key, operation.value ?? null)),
      );
    case 'remove':
      return edit(document, path, missing(`remove operation does not apply: doc is missing path: "${path}"`), (parent, key) =>
        wrapped(`error in remove for path: '${path}'`, () => remove(parent, key)),
      );
    case 'replace':
      return edit(document, path, missing(`replace operation does not apply: doc is missing path: ${path}`), (parent, key) => {
        // A quirk of the library: a key that a map does not have is added.
        if (Array.isArray(parent) && !canGet(parent, key)) throw missing(`replace operation does not apply: doc is missing key: ${path}`);
        return wrapped(`error in remove for path: '${path}'`, () => set(parent, key, operation.value ?? null));
      });
    case 'move':
    case 'copy':
      return moveOrCopy(document, operation, path);
    case 'test':
      test(document, path, operation.value ?? null);
      return document;
    default:
      throw new PatchError(`Unexpected kind: ${op}`);
  }
}

function textOf(value: unknown, op: string, name: string): string {
  if (typeof value === 'string') return value;
  throw missing(`${op} operation failed to decode ${name}`);
}

function moveOrCopy(document: unknown, operation: JsonPatchOperation, path: string): unknown {
  const { op } = operation;
  const from = textOf(operation.from, op, 'from');
  const source = parentOf(document, from);
  if (!source) throw missing(`${op} operation does not apply: doc is missing from path: ${from}`);
  const value = wrapped(op === 'move' ? `error in move for path: '${source.key}'` : `error in copy for from: '${from}'`, () =>
    get(source.parent, source.key),
  );
  const removed =
    op === 'move'
      ? edit(document, from, missing(from), (parent, key) => wrapped(`error in move for path: '${key}'`, () => remove(parent, key)))
      : document;
  return edit(removed, path, missing(`${op} operation does not apply: doc is missing destination path: ${path}`), (parent, key) =>
    wrapped(op === 'move' ? `error in move for path: '${path}'` : 'error while adding value during copy', () =>
      add(parent, key, value ?? null),
    ),
  );
}

function test(document: unknown, path: string, value: unknown): void {
  const place = parentOf(document, path);
  if (!place) throw missing(`test operation does not apply: is missing path: ${path}`);
  const found = wrapped(`error in test for path: '${path}'`, () => get(place.parent, place.key));
  if (!equal(found ?? null, value)) throw new PatchError(`testing value ${path} failed: test failed`);
}

const missing = (message: string): PatchError => new PatchError(`${message}: missing value`);
const badIndex = (index: number): PatchError => new PatchError(`Unable to access invalid index: ${index}: invalid index referenced`);

function wrapped<T>(context: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof PatchError) throw new PatchError(`${context}: ${error.message}`);
    throw error;
  }
}

type Parent = Readonly<Record<string, unknown>> | readonly unknown[];

const isParent = (value: unknown): value is Parent => typeof value === 'object' && value !== null;
const keysOf = (path: string): string[] =>
  path
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));

function parentOf(document: unknown, path: string): { readonly parent: Parent; readonly key: string } | undefined {
  const keys = keysOf(path);
  const key = keys.pop();
  if (key === undefined) return undefined;
  let node = document;
  for (const name of keys) {
    if (!isParent(node) || !canGet(node, name)) return undefined;
    node = get(node, name);
  }
  return isParent(node) ? { parent: node, key } : undefined;
}

/** Changes the collection that holds the end of the path, and copies all above it. */
function edit(document: unknown, path: string, ifMissing: PatchError, change: (parent: Parent, key: string) => Parent): unknown {
  const keys = keysOf(path);
  const last = keys.pop();
  if (last === undefined) throw ifMissing;
  const descend = (node: unknown, depth: number): unknown => {
    if (!isParent(node)) throw ifMissing;
    if (depth === keys.length) return change(node, last);
    const key = keys[depth]!;
    if (!canGet(node, key)) throw ifMissing;
    return set(node, key, descend(get(node, key), depth + 1));
  };
  return descend(document, 0);
}

function indexOf(key: string): number {
  if (!/^[-+]?\d+$/.test(key)) throw new PatchError(`strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`);
  return Number(key);
}

function canGet(parent: Parent, key: string): boolean {
  if (Array.isArray(parent)) return /^[-+]?\d+$/.test(key) && Number(key) < parent.length && Number(key) >= -parent.length;
  return hasKey(parent as Readonly<Record<string, unknown>>, key);
}

function get(parent: Parent, key: string): unknown {
  if (!Array.isArray(parent)) {
    const map = parent as Readonly<Record<string, unknown>>;
    return hasKey(map, key) ? map[key] : undefined;
  }
  const index = indexOf(key);
  if (index >= parent.length || index < -parent.length) throw badIndex(index);
  return parent.at(index) as unknown;
}

function set(parent: Parent, key: string, value: unknown): Parent {
  if (!Array.isArray(parent)) return { ...parent, [key]: value };
  const index = indexOf(key);
  if (index >= parent.length || index < -parent.length) throw badIndex(index);
  return (parent as unknown[]).with(index, value);
}

function add(parent: Parent, key: string, value: unknown): Parent {
  if (!Array.isArray(parent)) return { ...parent, [key]: value };
  if (key === '-') return [...(parent as unknown[]), value];
  const index = wrapped(`value was not a proper array index: '${key}'`, () => indexOf(key));
  const size = parent.length + 1;
  if (index >= size || index < -size) throw badIndex(index);
  return (parent as unknown[]).toSpliced(index < 0 ? index + size : index, 0, value);
}

function remove(parent: Parent, key: string): Parent {
  if (!Array.isArray(parent)) {
    const map = parent as Readonly<Record<string, unknown>>;
    if (!hasKey(map, key)) throw missing(`Unable to remove nonexistent key: ${key}`);
    const { [key]: _, ...rest } = map;
    return rest;
  }
  const index = indexOf(key);
  if (index >= parent.length || index < -parent.length) throw badIndex(index);
  return (parent as unknown[]).toSpliced(index, 1);
}
