/**
 * API objects as kubectl sees them: any JSON. kubectl knows kinds only by discovery, so most of it works on objects without
 * a type; code that prints one kind takes that kind's generated type instead.
 */
// biome-ignore lint/suspicious/noExplicitAny: an object of a kind that is known only at run time.
export type Json = any;

/** An object from the server or from a manifest. */
export interface Unstructured {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name?: string;
    readonly generateName?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly generation?: number;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [field: string]: Json;
  };
  readonly [field: string]: Json;
}

export interface UnstructuredList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string; readonly remainingItemCount?: number };
  readonly items: readonly Unstructured[];
}

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

/** Go's %q of a string, near enough for names: JSON's quotes. */
export const quote = (text: string): string => JSON.stringify(text);
