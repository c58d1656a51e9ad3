/** Values that may be absent: cel-go/cel/library.go, OptionalTypes. */
import { CelError } from '../errors.ts';
import { define } from '../overload.ts';
import type { Value } from '../values.ts';
import { isMapValue, Optional, Uint } from '../values.ts';

function isZero(value: Value): boolean {
  if (value === null || value === '' || value === false || value === 0 || value === 0n) return true;
  if (Array.isArray(value)) return value.length === 0;
  if (value instanceof Uint) return value.value === 0n;
  return typeof value === 'object' && isMapValue(value as Value) && (value as { size: number }).size === 0;
}

export const optionals = define({
  'optional.of(T): optional<T>': ([value]) => new Optional(value),
  'optional.none(): optional<T>': () => new Optional(undefined),
  'optional.ofNonZeroValue(T): optional<T>': ([value]) => new Optional(isZero(value) ? undefined : value),
  'optional<T>.hasValue(): bool': ([optional]) => optional.value !== undefined,
  'optional<T>.value(): T': ([optional]) => {
    if (optional.value === undefined) throw new CelError('optional.none() dereference');
    return optional.value;
  },
  'optional<T>.or(optional<T>): optional<T>': ([optional, other]) => (optional.value === undefined ? other : optional),
  'optional<T>.orValue(T): T': ([optional, other]) => optional.value ?? other,
});
