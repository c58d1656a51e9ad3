/** An object becomes a message of the API: the other way of `message.ts`, by the same schema and the same numbers. */
import type { ModelSchema, ScalarType, SchemaType } from '../../../emulator/machinery/schema.ts';
import { modelSchema } from '../../../emulator/machinery/schema.ts';
import type { MessageField } from './table.ts';
import { fieldsOfMessage } from './table.ts';
import type { MessageWriter } from './wire.ts';

type Json = Readonly<Record<string, unknown>>;

/** Fields are written from the last to the first. */
const backwards = new Map<string, readonly MessageField[]>();

function fieldsBackwards(message: string): readonly MessageField[] {
  let fields = backwards.get(message);
  if (!fields) backwards.set(message, (fields = [...(fieldsOfMessage(message)?.values() ?? [])].reverse()));
  return fields;
}

export function writeMessage(to: MessageWriter, model: string, object: object): void {
  writeFields(to, model, modelSchema(model), object as Json);
}

function writeFields(to: MessageWriter, message: string, schema: ModelSchema, object: Json): void {
  for (const { number, name, isEmbedded, wrapped } of fieldsBackwards(message)) {
    if (isEmbedded) {
      to.nested(number, () => writeFields(to, name, schema, object));
      continue;
    }
    const value = object[name];
    const field = schema.fields.get(name);
    if (value === undefined || value === null || !field) continue;
    if (wrapped) to.nested(number, () => writeWrapped(to, wrapped, field.type, value));
    else writeField(to, number, field.type, value);
  }
}

function writeWrapped(to: MessageWriter, wrapped: NonNullable<MessageField['wrapped']>, type: SchemaType, value: unknown): void {
  if (wrapped === 'nothing') return;
  if (wrapped === 'list') return writeField(to, 1, type, value);
  if (typeof value === 'object') to.nested(wrapped === 'schema' ? 1 : 2, () => writeMessage(to, 'JSONSchemaProps', value!));
  if (wrapped === 'schema-or-bool') to.integer(1, value === false ? 0 : 1);
}

function writeField(to: MessageWriter, number: number, type: SchemaType, value: unknown): void {
  switch (type.kind) {
    case 'list':
      for (const item of (value as readonly unknown[]).toReversed()) writeField(to, number, type.item, item);
      return;
    case 'map':
      for (const key of Object.keys(value as Json)
        .sort()
        .reverse())
        writeEntry(to, number, type.value, key, (value as Json)[key]);
      return;
    case 'object':
      return to.nested(number, () => writeFields(to, type.name, type.model, value as Json));
    case 'scalar':
      return writeScalar(to, number, type.scalar, value);
  }
}

/** An entry of a map. A list as its value has a message around it (ExtraValue). */
function writeEntry(to: MessageWriter, number: number, type: SchemaType, key: string, value: unknown): void {
  to.nested(number, () => {
    if (type.kind === 'list') to.nested(2, () => writeField(to, 1, type, value));
    else writeField(to, 2, type, value);
    to.field(1, key);
  });
}

function writeScalar(to: MessageWriter, number: number, scalar: ScalarType, value: unknown): void {
  switch (scalar) {
    case 'string':
      return to.field(number, value as string);
    case 'int32':
    case 'int64':
      return to.integer(number, value as number);
    case 'number':
      return to.double(number, value as number);
    case 'boolean':
      return to.integer(number, value === true ? 1 : 0);
    case 'bytes':
      return to.field(number, Buffer.from(value as string, 'base64'));
    case 'quantity':
      return to.nested(number, () => to.field(1, String(value)));
    case 'any':
      return to.nested(number, () => to.field(1, JSON.stringify(value)));
    case 'int-or-string':
      return to.nested(number, () => writeIntOrString(to, value as number | string));
    case 'time':
    case 'micro-time':
      return to.nested(number, () => writeTime(to, value as string));
  }
}

function writeIntOrString(to: MessageWriter, value: number | string): void {
  const isText = typeof value === 'string';
  to.field(3, isText ? value : '');
  to.integer(2, isText ? 0 : value);
  to.integer(1, isText ? 1 : 0);
}

function writeTime(to: MessageWriter, text: string): void {
  const [, whole, fraction = ''] = /^([^.Z]*)(?:\.(\d+))?Z$/.exec(text) ?? [];
  to.integer(2, Number(fraction.padEnd(9, '0')));
  to.integer(1, Date.parse(`${whole}Z`) / 1000);
}
