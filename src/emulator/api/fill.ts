/** Path-copying ways to add default values: an object that lacks nothing is returned as it is, so that it stays shared. */

/** Adds the values that are absent. As upstream's defaults see it, an empty string is absent too. */
export function fill<T extends object>(object: T, defaults: Partial<T>): T {
  let result: T | undefined;
  for (const key in defaults) {
    const value = object[key];
    if ((value === undefined || value === null || value === '') && value !== defaults[key])
      (result ??= { ...object })[key] = defaults[key]!;
  }
  return result ?? object;
}

/** As `fill`, of fields that are pointers upstream: an empty string is a value like any other. */
export function fillNil<T extends object>(object: T, defaults: Partial<T>): T {
  let result: T | undefined;
  for (const key in defaults)
    if ((object[key] === undefined || object[key] === null) && defaults[key] !== undefined)
      (result ??= { ...object })[key] = defaults[key]!;
  return result ?? object;
}

/** As `fill`, and takes zero for absent: fields that are no pointers upstream. */
export function fillZero<T extends object>(object: T, defaults: Partial<T>): T {
  let result: T | undefined;
  for (const key in defaults) if (!object[key]) (result ??= { ...object })[key] = defaults[key]!;
  return result ?? object;
}

/** Changes one field by a function; an absent field stays absent. */
export function change<T extends object, K extends keyof T>(object: T, key: K, by: (value: NonNullable<T[K]>) => NonNullable<T[K]>): T {
  const value = object[key];
  if (value === undefined || value === null) return object;
  const next = by(value);
  return next === value ? object : { ...object, [key]: next };
}

/** Leaves one field out: how a field behind a feature gate that is off is dropped. */
export function without<T extends object, K extends keyof T>(object: T, key: K): T {
  if (object[key] === undefined) return object;
  const { [key]: _dropped, ...rest } = object;
  return rest as T;
}

/** Maps a list; the same list when no element changes. */
export function mapSame<E>(list: readonly E[], by: (element: E) => E): readonly E[] {
  let result: E[] | undefined;
  for (let i = 0; i < list.length; i++) {
    const element = list[i]!;
    const next = by(element);
    if (next !== element) (result ??= list.slice())[i] = next;
  }
  return result ?? list;
}

/** Remembers the result of a pure function by the identity of its argument; its own results map to themselves. */
export function onceByIdentity<T extends object>(by: (value: T) => T): (value: T) => T {
  const known = new WeakMap<T, T>();
  return (value) => {
    let result = known.get(value);
    if (result === undefined) {
      result = by(value);
      known.set(value, result);
      known.set(result, result);
    }
    return result;
  };
}
