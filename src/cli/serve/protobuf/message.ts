/** A message of the API becomes an object: as the JSON of the same object, but for fields that were left out. */
import type { ModelSchema, ScalarType, SchemaType } from '../../../emulator/machinery/schema.ts';
import { modelSchema } from '../../../emulator/machinery/schema.ts';
import type { MessageField } from './table.ts';
import { fieldsOfMessage } from './table.ts';
import { fieldsOf, WireError } from './wire.ts';

type Json = Record<string, unknown>;

/** Throws a `WireError`. */
export function decodeMessage(model: string, message: Buffer): Json {
  return fill({}, model, modelSchema(model), message);
}

function fill(into: Json, message: string, schema: ModelSchema, bytes: Buffer): Json {
  const known = fieldsOfMessage(message);
  for (const [number, value] of fieldsOf(bytes)) {
    const entry = known?.get(number);
    if (!entry) continue;
    if (entry.isEmbedded) {
      fill(into, entry.name, schema, bytesOf(value));
      continue;
    }
    const field = schema.fields.get(entry.name);
    if (!field) continue;
    const decoded = entry.wrapped
      ? decodeWrapped(entry.wrapped, field.type, bytesOf(value))
      : decodeField(field.type, value, into[field.name]);
    if (entry.isPointer || field.isRequired || !isNothing(decoded)) into[field.name] = decoded;
  }
  return into;
}

function decodeWrapped(wrapped: NonNullable<MessageField['wrapped']>, type: SchemaType, message: Buffer): unknown {
  if (wrapped === 'nothing') return {};
  if (wrapped === 'list' && type.kind === 'list') return listIn(type, message);
  const fields = new Map(fieldsOf(message));
  const inner = fields.get(wrapped === 'schema' ? 1 : 2);
  return inner === undefined ? fields.get(1) === 1n : decodeMessage('JSONSchemaProps', bytesOf(inner));
}

const isNothing = (value: unknown): boolean => value === '' || value === 0 || value === false || value === null;

/** `before` is what an earlier field of this number gave: lists and maps have a field for each element. */
function decodeField(type: SchemaType, value: Buffer | bigint, before: unknown): unknown {
  switch (type.kind) {
    case 'list':
      return [...((before as unknown[] | undefined) ?? []), decodeField(type.item, value, undefined)];
    case 'map': {
      const entry = new Map(fieldsOf(bytesOf(value)));
      const key = bytesOf(entry.get(1) ?? empty).toString();
      return { ...(before as Json | undefined), [key]: decodeValue(type.value, entry.get(2)) };
    }
    case 'object':
      return fill({ ...(before as Json | undefined) }, type.name, type.model, bytesOf(value));
    case 'scalar':
      return decodeScalar(type.scalar, value);
  }
}

const empty = Buffer.alloc(0);

/** A value of a map. A list there is a message around it (ExtraValue). */
function decodeValue(type: SchemaType, value: Buffer | bigint | undefined): unknown {
  if (type.kind === 'list') return listIn(type, bytesOf(value ?? empty));
  return decodeField(type, value ?? (type.kind === 'scalar' && isNumber(type.scalar) ? 0n : empty), undefined);
}

function listIn(type: SchemaType & { readonly kind: 'list' }, message: Buffer): readonly unknown[] {
  return [...fieldsOf(message)].map(([, item]) => decodeField(type.item, item, undefined));
}

const isNumber = (scalar: ScalarType): boolean => ['int32', 'int64', 'number', 'boolean'].includes(scalar);

function decodeScalar(scalar: ScalarType, value: Buffer | bigint): unknown {
  switch (scalar) {
    case 'string':
      return bytesOf(value).toString();
    case 'int32':
    case 'int64':
      return Number(BigInt.asIntN(64, integerOf(value)));
    case 'number':
      return numberOf(integerOf(value));
    case 'boolean':
      return integerOf(value) !== 0n;
    case 'quantity':
      return bytesOf(new Map(fieldsOf(bytesOf(value))).get(1) ?? empty).toString();
    case 'int-or-string':
      return intOrString(bytesOf(value));
    case 'time':
    case 'micro-time':
      return time(scalar, bytesOf(value));
    case 'bytes':
      return bytesOf(value).toString('base64');
    case 'any':
      return anything(bytesOf(value));
  }
}

function numberOf(bits: bigint): number {
  const view = Buffer.alloc(8);
  view.writeBigUInt64LE(bits);
  return view.readDoubleLE();
}

function intOrString(message: Buffer): number | string {
  const fields = new Map(fieldsOf(message));
  if (integerOf(fields.get(1) ?? 0n) === 1n) return bytesOf(fields.get(3) ?? empty).toString();
  return Number(BigInt.asIntN(64, integerOf(fields.get(2) ?? 0n)));
}

/** No time at all, which JSON writes as null, is an empty message. */
function time(scalar: 'time' | 'micro-time', message: Buffer): string | null {
  const fields = new Map(fieldsOf(message));
  if (fields.size === 0) return null;
  const seconds = Number(BigInt.asIntN(64, integerOf(fields.get(1) ?? 0n)));
  const nanoseconds = Number(BigInt.asIntN(64, integerOf(fields.get(2) ?? 0n)));
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  return scalar === 'time' ? `${whole}Z` : `${whole}.${String(Math.floor(nanoseconds / 1000)).padStart(6, '0')}Z`;
}

/** JSON inside of protobuf: RawExtension and FieldsV1 hold it as bytes. */
function anything(message: Buffer): unknown {
  const raw = bytesOf(new Map(fieldsOf(message)).get(1) ?? empty).toString();
  try {
    return JSON.parse(raw);
  } catch {
    throw new WireError('raw bytes are no JSON');
  }
}

function bytesOf(value: Buffer | bigint): Buffer {
  if (typeof value === 'bigint') throw new WireError('wrong wireType');
  return value;
}

function integerOf(value: Buffer | bigint): bigint {
  if (typeof value !== 'bigint') throw new WireError('wrong wireType');
  return value;
}
