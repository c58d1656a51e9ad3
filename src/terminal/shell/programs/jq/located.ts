import type { Path } from './paths.ts';
import { JqError, isObject, shortened, typeOf } from './values.ts';
import type { Json } from './values.ts';

/** A value and the path that leads to it from the input; no path when it was computed. */
export interface Located {
  readonly value: Json;
  readonly path: Path | undefined;
}

export function computed(value: Json): Located {
  return { value, path: undefined };
}

export function* iterate({ value, path }: Located): Generator<Located> {
  if (Array.isArray(value)) for (const [i, item] of value.entries()) yield { value: item as Json, path: path && [...path, i] };
  else if (isObject(value)) for (const [key, item] of Object.entries(value)) yield { value: item, path: path && [...path, key] };
  else throw new JqError(`Cannot iterate over ${typeOf(value)}${value === null ? '' : ` (${shortened(value)})`}`);
}
