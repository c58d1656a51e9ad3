/** Freezes a value and all below it, so that a test fails where code writes to a shared object. Only for tests: freezing costs. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const key in value) deepFreeze(value[key]);
  return value;
}
