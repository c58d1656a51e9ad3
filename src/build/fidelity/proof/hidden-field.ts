/**
 * Hides one field of one type from everybody: whatever is written loses it before defaulting, wherever the type stands, so that the
 * server and all components see objects that never had it. A test that then fails needs the field.
 *
 * The kinds' own descriptors are changed in place, so that no code of the emulator knows of this.
 */
import type { Kind } from '../../../emulator/api/kind.ts';
import { kinds } from '../../../emulator/api/kinds.ts';
import type { ApiObject } from '../../../emulator/machinery/objects.ts';
import { hasModel, modelSchema, type SchemaType } from '../../../emulator/machinery/schema.ts';
import type { FieldName } from '../fields.ts';

/** What the runner asks for. It lives among other instances of the emulator's modules than the tests, so it finds this by the global object. */
export interface Observer {
  /** Nothing is hidden without a name. */
  hide(field: FieldName | undefined): void;
  /** Notes the fields of all objects that are written from now on. */
  startNoting(): Set<FieldName>;
}

type Fields = Readonly<Record<string, unknown>>;

let hidden: { readonly type: string; readonly field: string } | undefined;
/** Types that have the hidden field, or others that have it. */
let leading = new Map<string, boolean>();
let seen: Set<FieldName> | undefined;

function leadsToHidden(type: SchemaType): boolean {
  if (type.kind === 'list') return leadsToHidden(type.item);
  if (type.kind === 'map') return leadsToHidden(type.value);
  if (type.kind !== 'object' || !hidden) return false;
  if (type.name === hidden.type) return true;
  const known = leading.get(type.name);
  if (known !== undefined) return known;
  leading.set(type.name, false);
  const leads = [...type.model.fields.values()].some((field) => leadsToHidden(field.type));
  leading.set(type.name, leads);
  return leads;
}

/** The value with each part of the hidden field's type changed; the same when none is there. */
function changed(value: unknown, type: SchemaType, other: unknown, change: (fields: Fields, other: unknown) => Fields): unknown {
  if (typeof value !== 'object' || value === null || !leadsToHidden(type)) return value;
  if (type.kind === 'list') {
    if (!Array.isArray(value)) return value;
    const items = value.map((item, i) => changed(item, type.item, (other as readonly unknown[] | undefined)?.[i], change));
    return items.every((item, i) => item === value[i]) ? value : items;
  }
  let result = value as Fields;
  for (const key of Object.keys(result)) {
    const inner = type.kind === 'map' ? type.value : type.kind === 'object' ? type.model.fields.get(key)?.type : undefined;
    if (!inner) continue;
    const before = result[key];
    const after = changed(before, inner, (other as Fields | undefined)?.[key], change);
    if (after !== before) result = { ...result, [key]: after };
  }
  return type.kind === 'object' && type.name === hidden!.type ? change(result, other) : result;
}

const without = (object: ApiObject, type: SchemaType): ApiObject =>
  changed(object, type, undefined, (fields) =>
    fields[hidden!.field] === undefined ? fields : { ...fields, [hidden!.field]: undefined },
  ) as ApiObject;

/** The object with what another one has in the hidden field. */
const withFieldOf = (object: ApiObject, other: ApiObject, type: SchemaType): ApiObject =>
  changed(object, type, other, (fields, from) => {
    const value = (from as Fields | undefined)?.[hidden!.field];
    return value === undefined ? fields : { ...fields, [hidden!.field]: value };
  }) as ApiObject;

function note(value: unknown, type: SchemaType, into: Set<FieldName>): void {
  if (value === undefined || value === null) return;
  if (type.kind === 'list' && Array.isArray(value)) for (const item of value) note(item, type.item, into);
  if (type.kind === 'map' && typeof value === 'object') for (const item of Object.values(value)) note(item, type.value, into);
  if (type.kind !== 'object' || typeof value !== 'object') return;
  for (const [key, inner] of Object.entries(value)) {
    const field = type.model.fields.get(key);
    if (!field || inner === undefined) continue;
    into.add(`${type.name}.${key}`);
    note(inner, field.type, into);
  }
}

type Writable = { -readonly [Key in keyof Kind]: Kind[Key] };

/** What a client left out only because it is hidden is no error. */
function watchKind(kind: Writable): void {
  const { setDefaults, validate, validateUpdate } = kind;
  const type: SchemaType = { kind: 'object', name: kind.model, isAtomic: false, model: modelSchema(kind.model) };
  let sent: ApiObject | undefined;
  const isConcerned = (): boolean => hidden !== undefined && leadsToHidden(type);
  const restored = (object: ApiObject): ApiObject => (sent ? withFieldOf(object, sent, type) : object);
  kind.setDefaults = (object) => {
    if (seen) note(object, type, seen);
    if (!isConcerned()) return setDefaults.call(kind, object);
    const rest = without(object, type);
    if (rest !== object) sent = object;
    return setDefaults.call(kind, rest);
  };
  kind.validate = (object) => {
    const errors = validate.call(kind, object);
    return errors.length > 0 && isConcerned() ? validate.call(kind, restored(object)) : errors;
  };
  kind.validateUpdate = (next, previous) => {
    const errors = validateUpdate.call(kind, next, previous);
    return errors.length > 0 && isConcerned() ? validateUpdate.call(kind, restored(next), restored(previous)) : errors;
  };
}

for (const kind of kinds) if (hasModel(kind.model) && kind.verbs.includes('get')) watchKind(kind as Writable);

const observer: Observer = {
  hide(field) {
    const [type, name] = field?.split('.') ?? [];
    hidden = type && name ? { type, field: name } : undefined;
    leading = new Map();
  },
  startNoting() {
    seen = new Set();
    return seen;
  },
};
(globalThis as unknown as { fieldObserver: Observer }).fieldObserver = observer;
