/** Walks a value beside its schema: finds what does not fit, and returns the value with nulls gone, scalars canonical and structs in place. */
import { fromBase64 } from '../../kernel/bytes.ts';
import { formatTime, parseTime } from '../../kernel/time.ts';
import { quote } from '../go-quote.ts';
import { jsonNumber } from '../json.ts';
import { parseQuantity, QuantityError } from '../quantity.ts';
import { type FieldSchema, type ModelSchema, type ScalarType, type SchemaType, zeroScalars } from '../schema.ts';
import { goType } from './go-types.ts';

/** A value that does not fit its type; the message is that of Go's decoder. */
export class DecodeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DecodeError';
  }
}

/** Where the walk is, for messages: a link to the parent, made text only when needed. */
interface Place {
  readonly parent: Place | undefined;
  readonly name: string | number;
  /** A key of a map, which Go leaves out where it names a field. */
  readonly isKey?: boolean;
}

function placeText(place: Place | undefined, hasIndexes: boolean): string {
  if (!place) return '';
  const before = placeText(place.parent, hasIndexes);
  if (!hasIndexes && (place.isKey || typeof place.name === 'number')) return before;
  if (typeof place.name === 'number') return `${before}[${place.name}]`;
  return before === '' ? place.name : `${before}.${place.name}`;
}

interface Walk {
  readonly strictErrors: string[];
  /** The struct and field that hold the value, which Go names in its messages. */
  model: string;
  field: FieldSchema | undefined;
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The decoded object; the value itself when there is nothing to change. Strict errors are added to the list. */
export function decodeObject(value: unknown, model: ModelSchema, strictErrors: string[]): unknown {
  const walk: Walk = { strictErrors, model: model.name, field: undefined };
  if (!isMap(value)) throw new DecodeError(`json: cannot unmarshal ${jsonKind(value)} into Go value of type v1.${model.name}`);
  return decodeModel(walk, value, model, undefined);
}

const empties = new Map<ModelSchema, unknown>();

/** What Go's zero value of a struct is in JSON. */
export function emptyOf(model: ModelSchema): unknown {
  let empty = empties.get(model);
  if (empty === undefined) {
    empty = decodeModel({ strictErrors: [], model: model.name, field: undefined }, {}, model, undefined);
    empties.set(model, empty);
  }
  return empty;
}

function decodeModel(walk: Walk, value: Readonly<Record<string, unknown>>, model: ModelSchema, place: Place | undefined): unknown {
  let copy: Record<string, unknown> | undefined;
  for (const key in value) {
    const item = value[key];
    if (item === undefined) continue;
    const field = model.fields.get(key);
    if (!field) {
      const path = placeText({ parent: place, name: key }, true);
      walk.strictErrors.push(`unknown field ${quote(path)}`);
      copy ??= { ...value };
      delete copy[key];
      continue;
    }
    if (
      item === null ? !(field.type.kind === 'scalar' && field.type.scalar === 'any') : field.presence !== 'if-set' && isDropped(item, field)
    ) {
      copy ??= { ...value };
      delete copy[key];
      continue;
    }
    walk.model = model.name;
    walk.field = field;
    if (typeof item === 'string' && isString(field.type)) continue;
    const decoded = decodeType(walk, item, field.type, { parent: place, name: key });
    if (decoded !== item) {
      copy ??= { ...value };
      copy[key] = decoded;
    }
  }
  for (const { name, type, presence } of model.always) {
    if ((copy ?? value)[name] !== undefined) continue;
    copy ??= { ...value };
    copy[name] =
      presence === 'or-null'
        ? null
        : type.kind === 'object'
          ? decodeModel(walk, {}, type.model, place)
          : type.kind === 'list'
            ? []
            : zeroOf(type);
  }
  return copy ?? value;
}

/** Whether Go leaves a value out, or has nil in its place. One of a wrong type is looked at as that first. */
function isDropped(value: unknown, { type, presence }: FieldSchema): boolean {
  if (presence === 'always') return false;
  switch (type.kind) {
    case 'list':
      return Array.isArray(value) && value.length === 0;
    case 'map':
      return isMap(value) && isWithoutKeys(value);
    case 'object':
      return false;
    case 'scalar':
      return presence !== 'or-null' && value === (type.scalar === 'bytes' ? '' : zeroScalars[type.scalar]);
  }
}

function isWithoutKeys(map: object): boolean {
  for (const _ in map) return false;
  return true;
}

const isString = (type: SchemaType): boolean => type.kind === 'scalar' && type.scalar === 'string';

function decodeType(walk: Walk, value: unknown, type: SchemaType, place: Place): unknown {
  switch (type.kind) {
    case 'scalar':
      return decodeScalar(walk, value, type.scalar, place);
    case 'list':
      if (!Array.isArray(value)) throw mismatch(walk, value, type, place);
      return decodeList(walk, value, type.item, place);
    case 'map':
      if (!isMap(value)) throw mismatch(walk, value, type, place);
      return decodeMap(walk, value, type.value, place);
    case 'object':
      if (!isMap(value)) throw mismatch(walk, value, type, place);
      return decodeModel(walk, value, type.model, place);
  }
}

function decodeList(walk: Walk, list: readonly unknown[], type: SchemaType, place: Place): unknown {
  const { model, field } = walk;
  let copy: unknown[] | undefined;
  for (let i = 0; i < list.length; i++) {
    walk.model = model;
    walk.field = field;
    const item = list[i];
    const decoded = item === null || item === undefined ? zeroOf(type) : decodeElement(walk, item, type, { parent: place, name: i });
    if (decoded !== item) {
      copy ??= [...list];
      copy[i] = decoded;
    }
  }
  return copy ?? list;
}

function decodeMap(walk: Walk, map: Readonly<Record<string, unknown>>, type: SchemaType, place: Place): unknown {
  const { model, field } = walk;
  let copy: Record<string, unknown> | undefined;
  for (const key in map) {
    walk.model = model;
    walk.field = field;
    const item = map[key];
    if (typeof item === 'string' && isString(type)) continue;
    if (item === undefined) continue;
    const decoded = item === null ? zeroOf(type) : decodeElement(walk, item, type, { parent: place, name: key, isKey: true });
    if (decoded !== item) {
      copy ??= { ...map };
      copy[key] = decoded;
    }
  }
  return copy ?? map;
}

/** An element is told by its own type and not by that of its field. */
function decodeElement(walk: Walk, value: unknown, type: SchemaType, place: Place): unknown {
  const goName = (): string => /^(?:\[\]|map\[[^\]]*\])(.+)$/.exec(walk.field?.goType ?? '')?.[1] ?? goType(type);
  if (type.kind === 'object') {
    if (!isMap(value)) throw mismatch(walk, value, type, place, goName());
    return decodeModel(walk, value, type.model, place);
  }
  if (type.kind === 'scalar') return decodeScalar(walk, value, type.scalar, place, goName);
  if (type.kind === 'list' ? !Array.isArray(value) : !isMap(value)) throw mismatch(walk, value, type, place, goName());
  // What is inside is told by the name of the element's type.
  if (walk.field?.goType !== undefined) walk.field = { ...walk.field, goType: goName() };
  return type.kind === 'list'
    ? decodeList(walk, value as readonly unknown[], type.item, place)
    : decodeMap(walk, value as Readonly<Record<string, unknown>>, type.value, place);
}

/** Go's zero value, which a null in a list or map becomes. */
function zeroOf(type: SchemaType): unknown {
  if (type.kind === 'object') return emptyOf(type.model);
  if (type.kind !== 'scalar') return null;
  if (type.scalar === 'bytes') return '';
  return type.scalar === 'quantity' ? '0' : (zeroScalars[type.scalar] ?? null);
}

function decodeScalar(walk: Walk, value: unknown, scalar: ScalarType, place: Place, goName?: () => string): unknown {
  const fail = (): DecodeError => mismatch(walk, value, { kind: 'scalar', scalar }, place, goName?.());
  switch (scalar) {
    case 'string':
      if (typeof value !== 'string') throw fail();
      return value;
    case 'boolean':
      if (typeof value !== 'boolean') throw fail();
      return value;
    case 'int32':
    case 'int64':
      if (typeof value !== 'number' || !isInteger(value, scalar)) throw fail();
      return value;
    case 'number':
      if (typeof value !== 'number') throw fail();
      return value;
    case 'int-or-string':
      if (typeof value === 'string') return value;
      if (typeof value !== 'number' || !isInteger(value, 'int32'))
        throw mismatch(walk, value, { kind: 'scalar', scalar: 'int32' }, place, 'int32');
      return value;
    case 'quantity':
      return decodeQuantity(value);
    case 'bytes':
      return decodeBytes(value, fail);
    case 'time':
    case 'micro-time':
      // Go reads the text of a time first.
      if (typeof value !== 'string') throw mismatch(walk, value, { kind: 'scalar', scalar: 'string' }, place, 'string');
      return decodeTime(value, scalar);
    case 'any':
      return value;
  }
}

const isInteger = (value: number, scalar: 'int32' | 'int64'): boolean =>
  Number.isInteger(value) && (scalar === 'int32' ? value >= -2_147_483_648 && value <= 2_147_483_647 : Math.abs(value) <= 2 ** 63);

function decodeQuantity(value: unknown): string {
  try {
    if (typeof value === 'string') return parseQuantity(value).text;
    return parseQuantity(typeof value === 'number' ? value : String(value)).text;
  } catch (error) {
    if (error instanceof QuantityError) throw new DecodeError(error.message);
    throw error;
  }
}

function decodeBytes(value: unknown, fail: () => DecodeError): unknown {
  if (typeof value !== 'string') throw fail();
  if (fromBase64(value) !== undefined) return value;
  const bad = /[^A-Za-z0-9+/\r\n]/.exec(value);
  throw new DecodeError(`illegal base64 data at input byte ${bad ? bad.index : value.length - (value.length % 4)}`);
}

function decodeTime(value: string, scalar: ScalarType): unknown {
  if (scalar === 'time' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value)) return value;
  const ms = parseTime(value);
  const layout = scalar === 'time' ? '2006-01-02T15:04:05Z07:00' : '2006-01-02T15:04:05.000000Z07:00';
  if (ms === undefined) throw new DecodeError(`parsing time ${quote(value)} as ${quote(layout)}: cannot parse ${quote(value)} as "2006"`);
  return scalar === 'time' ? formatTime(Math.floor(ms / 1000) * 1000) : value;
}

function mismatch({ model, field }: Walk, value: unknown, type: SchemaType, place: Place, goName?: string): DecodeError {
  const isNumber = type.kind === 'scalar' && (type.scalar === 'int32' || type.scalar === 'int64');
  const name = goName ?? field!.goType ?? goType(type);
  const structName = model.replace(/^([A-Z][a-z]+)?V\d+(?=[A-Z])/, '');
  return new DecodeError(
    `json: cannot unmarshal ${jsonKind(value, isNumber)} into Go struct field ${structName}.${placeText(place, false)} of type ${name}`,
  );
}

/** What Go calls a JSON value; a number that does not fit is told with its text. */
function jsonKind(value: unknown, isNumberWanted = false): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return isNumberWanted ? `number ${jsonNumber(value)}` : 'number';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : value === null ? 'null' : 'object';
}
