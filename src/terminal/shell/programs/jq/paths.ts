import { JqError, compare, isObject, shortened, typeOf } from './values.ts';
import type { Json } from './values.ts';

/** Keys, indexes, and slices `{start, end}`. */
export type Path = readonly Json[];

function bounds(length: number, key: { readonly [name: string]: Json }): readonly [number, number] {
  const place = (value: Json | undefined, fallback: number): number =>
    typeof value !== 'number' ? fallback : Math.max(0, Math.min(length, value < 0 ? Math.floor(value) + length : Math.floor(value)));
  return [
    place(key.start, 0),
    typeof key.end === 'number' ? Math.max(0, Math.min(length, key.end < 0 ? Math.ceil(key.end) + length : Math.ceil(key.end))) : length,
  ];
}

function indexOne(value: Json, key: Json): Json {
  if (value === null && (key === null || typeof key === 'string' || typeof key === 'number' || isObject(key))) return null;
  if (isObject(value) && typeof key === 'string') return Object.hasOwn(value, key) ? value[key]! : null;
  if (Array.isArray(value) && typeof key === 'number')
    return (value as readonly Json[])[key < 0 ? Math.floor(key) + value.length : Math.floor(key)] ?? null;
  if (Array.isArray(value) && Array.isArray(key))
    return value.flatMap((_, i) =>
      key.length > 0 && key.every((item, k) => value[i + k] !== undefined && compare(item as Json, value[i + k] as Json) === 0) ? [i] : [],
    );
  if (isObject(key) && (Array.isArray(value) || typeof value === 'string')) {
    const items = typeof value === 'string' ? [...value] : value;
    const [from, to] = bounds(items.length, key);
    const part = items.slice(from, to);
    return typeof value === 'string' ? part.join('') : (part as Json[]);
  }
  if (typeof key === 'string') throw new JqError(`Cannot index ${typeOf(value)} with string "${key}"`);
  throw new JqError(`Cannot index ${typeOf(value)} with ${typeOf(key)}`);
}

export function getPath(value: Json, path: Path): Json {
  return path.reduce<Json>(indexOne, value);
}

/** A copy with the value at a path set, or removed when it is undefined. */
export function setPath(value: Json, path: Path, next: Json | undefined): Json {
  const [key, ...rest] = path;
  if (key === undefined) return next ?? null;
  if (typeof key === 'string') {
    if (value !== null && !isObject(value)) throw new JqError(`Cannot index ${typeOf(value)} with "${key}"`);
    const object: Record<string, Json> = { ...(value ?? {}) };
    if (rest.length === 0 && next === undefined) delete object[key];
    else if (next !== undefined || Object.hasOwn(object, key)) object[key] = setPath(object[key] ?? null, rest, next);
    return object;
  }
  if (typeof key === 'number') {
    if (value !== null && !Array.isArray(value)) throw new JqError(`Cannot index ${typeOf(value)} with number`);
    const list: Json[] = [...((value as readonly Json[] | null) ?? [])];
    const at = key < 0 ? key + list.length : key;
    if (at < 0) throw new JqError('Out of bounds negative array index');
    if (at > 10_000_000) throw new JqError('Array index too large');
    if (rest.length === 0 && next === undefined) list.splice(at, 1);
    else if (next !== undefined || at < list.length) {
      while (list.length < at) list.push(null);
      list[at] = setPath(list[at] ?? null, rest, next);
    }
    return list;
  }
  if (isObject(key) && (value === null || Array.isArray(value))) {
    const list = [...((value as readonly Json[] | null) ?? [])];
    const [from, to] = bounds(list.length, key);
    const replaced = next === undefined && rest.length === 0 ? [] : setPath(list.slice(from, to), rest, next);
    if (!Array.isArray(replaced)) throw new JqError('A slice of an array can only be assigned another array');
    return [...list.slice(0, from), ...replaced, ...list.slice(Math.max(from, to))];
  }
  throw new JqError(`Invalid path component ${shortened(key)}`);
}
