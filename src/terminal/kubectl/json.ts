/**
 * API objects as kubectl sees them: any JSON. kubectl knows kinds only by discovery, so it works on objects without a type.
 */
// biome-ignore lint/suspicious/noExplicitAny: an object of a kind that is known only at run time.
export type Json = any;

/** The value at a path of field names, undefined where there is none. */
export function fieldAt(object: Json, ...path: readonly (string | number)[]): Json {
  let value = object;
  for (const name of path) value = value?.[name];
  return value;
}

/** A copy with another value at a path; what lies beside the path is shared. Undefined removes the field. */
export function withField(object: Json, path: readonly (string | number)[], value: Json): Json {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  if (Array.isArray(object)) return object.map((item, i) => (i === name ? withField(item, rest, value) : item));
  const changed = withField(object?.[name], rest, value);
  if (changed !== undefined) return { ...object, [name]: changed };
  const { [name]: _, ...others } = object ?? {};
  return others;
}
