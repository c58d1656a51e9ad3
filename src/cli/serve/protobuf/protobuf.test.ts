/** What is written in protobuf is read back as it was, of every kind that there is. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { apiVersionOf } from '../../../emulator/api/kind.ts';
import { kinds, otherVersions } from '../../../emulator/api/kinds.ts';
import { modelSchema } from '../../../emulator/machinery/schema.ts';
import type { FieldSchema, ModelSchema, ScalarType, SchemaType } from '../../../emulator/machinery/schema.ts';
import { toBuffer } from '../bytes.ts';
import { codec, decodeBody } from './index.ts';
import { fieldsOfMessage } from './table.ts';

type Json = Record<string, unknown>;

/** Values that are not zero: what is zero and no pointer is absent, since Go does not tell the two apart. */
const scalars: Readonly<Record<ScalarType, fc.Arbitrary<unknown>>> = {
  string: fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }).filter((text) => text.isWellFormed()),
  int32: fc.integer({ min: 1, max: 2 ** 31 - 1 }).map((value) => (value % 3 === 0 ? -value : value)),
  int64: fc.maxSafeInteger().filter((value) => value !== 0),
  number: fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => value !== 0),
  boolean: fc.constant(true),
  quantity: fc.constantFrom('100m', '1Gi', '0'),
  'int-or-string': fc.oneof(fc.integer({ min: 1, max: 70_000 }), fc.constantFrom('http', '25%')),
  time: fc.constantFrom('2025-09-01T12:00:00Z', '1969-12-31T23:59:58Z', '0001-01-01T00:00:01Z'),
  'micro-time': fc.constantFrom('2025-09-01T12:00:00.000001Z', '2025-09-01T12:00:00.120000Z'),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 5 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  any: fc.record({ a: fc.constantFrom(0, 'x', null, [1], { b: true }) }),
};
const zero: Readonly<Partial<Record<ScalarType, unknown>>> = {
  string: '',
  int32: 0,
  int64: 0,
  number: 0,
  boolean: false,
  'int-or-string': 0,
};

function typed(type: SchemaType, depth: number): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'scalar':
      return scalars[type.scalar];
    case 'list':
      return fc.array(typed(type.item, depth), { minLength: 1, maxLength: 2 });
    case 'map':
      return fc.dictionary(fc.string({ minLength: 1, maxLength: 4 }), typed(type.value, depth), {
        minKeys: 1,
        maxKeys: 2,
        noNullPrototype: true,
      });
    case 'object':
      return modelled(type.name, type.model, depth + 1);
  }
}

/** The fields of a message that stand in the object itself, those of what is embedded among them. */
function ownFields(message: string, schema: ModelSchema): readonly (readonly [FieldSchema, fc.Arbitrary<unknown> | undefined, boolean])[] {
  return [...fieldsOfMessage(message)!.values()].flatMap(({ name, isEmbedded, isPointer, wrapped }) => {
    if (isEmbedded) return ownFields(name, schema);
    const field = schema.fields.get(name);
    // The table names a few fields that are gone from v1's document.
    if (!field) return [];
    const own =
      wrapped === 'nothing'
        ? fc.constant({})
        : wrapped === 'schema'
          ? fc.constant({ type: 'string' })
          : wrapped === 'schema-or-bool'
            ? fc.constantFrom(true, false, { type: 'integer', maximum: 0 })
            : undefined;
    return [[field, own, isPointer] as const];
  });
}

function modelled(message: string, schema: ModelSchema, depth: number): fc.Arbitrary<Json> {
  if (depth > 3) return fc.constant({});
  const model: Record<string, fc.Arbitrary<unknown>> = {};
  for (const [{ name, type }, own, isPointer] of ownFields(message, schema)) {
    const value = own ?? typed(type, depth);
    const none = type.kind === 'scalar' && isPointer ? zero[type.scalar] : undefined;
    model[name] = none === undefined ? value : fc.oneof(value, fc.constant(none));
  }
  return fc.record(model, { requiredKeys: [], noNullPrototype: true });
}

const served = [...kinds, ...otherVersions];

describe('every kind', () => {
  test.each(served.map((kind) => ({ name: `${apiVersionOf(kind)} ${kind.kind}`, kind })))('$name', ({ kind }) => {
    const { model } = kind;
    const head = { apiVersion: apiVersionOf(kind), kind: kind.kind };
    fc.assert(
      fc.property(modelled(model, modelSchema(model), 0), (fields) => {
        const object = { ...fields, ...head };
        const bytes = codec.encode(object);
        expect(decodeBody(toBuffer(bytes!))).toEqual(object);
      }),
      { seed: 4, numRuns: 25 },
    );
  });
});

test('as Go writes it, byte for byte', () => {
  const object = {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name: 'a', labels: { x: '1', b: '2' } },
    data: { k: 'v' },
    immutable: true,
  };
  const field = (number: number, value: string): string => String.fromCharCode((number << 3) | 2, value.length) + value;
  const entry = (key: string, value: string): string => field(1, key) + field(2, value);
  const metadata = field(1, 'a') + field(11, entry('b', '2')) + field(11, entry('x', '1'));
  const raw = `${field(1, metadata) + field(2, entry('k', 'v'))}\u0020\u0001`;
  const envelope = field(1, field(1, 'v1') + field(2, 'ConfigMap')) + field(2, raw) + field(3, '') + field(4, '');
  expect(codec.encode(object)).toBe(`k8s\0${envelope}`);
  expect(codec.frame('ADDED', object)).toBe(
    `\0\0\0${String.fromCharCode(envelope.length + 15)}${field(1, 'ADDED')}${field(2, field(1, `k8s\0${envelope}`))}`,
  );
});

test.each([
  { name: 'a custom resource', object: { apiVersion: 'example.com/v1', kind: 'Job', metadata: {} } },
  { name: 'a Table', object: { apiVersion: 'meta.k8s.io/v1', kind: 'Table', metadata: {}, rows: [] } },
])('$name has no protobuf', ({ object }) => {
  expect(codec.encode(object)).toBeUndefined();
});
