/** Static types of expressions. */

export type Type =
  | { readonly kind: 'basic'; readonly name: string }
  | { readonly kind: 'list'; readonly of: Type }
  | { readonly kind: 'map'; readonly key: Type; readonly value: Type }
  | { readonly kind: 'optional'; readonly of: Type }
  | ObjectType
  /** Stands for any type, the same wherever it stands in one signature. */
  | { readonly kind: 'param'; readonly name: string };

/** A type with fields, as a schema has them. */
export interface ObjectType {
  readonly kind: 'object';
  readonly name: string;
  /** By the name that an expression uses; the property's own name may differ, since it need not be an identifier. */
  readonly fields: ReadonlyMap<string, { readonly property: string; readonly type: Type }>;
}

const basics = new Map<string, Type>();

/** A type by its name: `int`, `kubernetes.Quantity`. */
export function basic(name: string): Type {
  let type = basics.get(name);
  if (!type) basics.set(name, (type = { kind: 'basic', name }));
  return type;
}

export const dyn = basic('dyn');
export const bool = basic('bool');
export const int = basic('int');
export const uint = basic('uint');
export const double = basic('double');
export const string = basic('string');
export const bytes = basic('bytes');
export const nullType = basic('null');
export const timestamp = basic('timestamp');
export const duration = basic('duration');
export const typeType = basic('type');

export const listOf = (of: Type): Type => ({ kind: 'list', of });
export const mapOf = (key: Type, value: Type): Type => ({ kind: 'map', key, value });
export const optionalOf = (of: Type): Type => ({ kind: 'optional', of });

export function typeText(type: Type): string {
  switch (type.kind) {
    case 'list':
      return `list(${typeText(type.of)})`;
    case 'map':
      return `map(${typeText(type.key)}, ${typeText(type.value)})`;
    case 'optional':
      return `optional_type(${typeText(type.of)})`;
    default:
      return type.name;
  }
}

/** What type parameters stand for so far. */
export type Bindings = Map<string, Type>;

export function resolve(type: Type, bindings: Bindings): Type {
  switch (type.kind) {
    case 'param':
      return bindings.get(type.name) ?? dyn;
    case 'list':
      return listOf(resolve(type.of, bindings));
    case 'map':
      return mapOf(resolve(type.key, bindings), resolve(type.value, bindings));
    case 'optional':
      return optionalOf(resolve(type.of, bindings));
    default:
      return type;
  }
}

/** Whether a value of `type` may stand where `wanted` is declared; binds type parameters. */
export function isAssignable(type: Type, wanted: Type, bindings: Bindings): boolean {
  if (wanted.kind === 'param') {
    const bound = bindings.get(wanted.name);
    if (!bound || bound === dyn) {
      bindings.set(wanted.name, type);
      return true;
    }
    return type === dyn || isAssignable(type, bound, bindings) || isAssignable(bound, type, bindings);
  }
  if (type === dyn || wanted === dyn || type === wanted) return true;
  if (type === nullType) return wanted.kind === 'object' || wanted.kind === 'optional' || isNullable(wanted);
  if (wanted === nullType) return type.kind === 'object' || isNullable(type);
  if (type.kind === 'list' && wanted.kind === 'list') return isAssignable(type.of, wanted.of, bindings);
  if (type.kind === 'optional' && wanted.kind === 'optional') return isAssignable(type.of, wanted.of, bindings);
  if (type.kind === 'map' && wanted.kind === 'map')
    return isAssignable(type.key, wanted.key, bindings) && isAssignable(type.value, wanted.value, bindings);
  if (type.kind === 'object' && wanted.kind === 'object') return type.name === wanted.name;
  return type.kind === 'basic' && wanted.kind === 'basic' && type.name === wanted.name;
}

const isNullable = (type: Type): boolean => type === timestamp || type === duration || (type.kind === 'basic' && type.name.includes('.'));

/** One type for several elements; dyn when they differ. */
export function joinTypes(types: readonly Type[]): Type {
  const [first = dyn, ...rest] = types;
  return rest.every((type) => isAssignable(type, first, new Map())) ? first : dyn;
}
