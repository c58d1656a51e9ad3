/** Whatever decodes as a kind can be defaulted and validated: a client may leave out or send any part of it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode } from '../machinery/decode.ts';
import type { ApiObject } from '../machinery/objects.ts';
import { hasModel, modelSchema, type ModelSchema, type ScalarType, type SchemaType } from '../machinery/schema.ts';
import { kinds } from './kinds.ts';
import { apiVersionOf } from './kind.ts';

const scalars: Readonly<Record<ScalarType, fc.Arbitrary<unknown>>> = {
  string: fc.constantFrom('', 'a', 'A_b', 'x'.repeat(300), '1.2.3.4', 'kubernetes.io/x', '*'),
  int32: fc.constantFrom(0, 1, -1, 80, 70_000),
  int64: fc.constantFrom(0, 1, -1, 2 ** 40),
  number: fc.constantFrom(0, 0.5, -1),
  boolean: fc.boolean(),
  quantity: fc.constantFrom('1', '100m', '1Gi', 0, '-1'),
  'int-or-string': fc.constantFrom(0, 80, -1, '25%', 'http', ''),
  time: fc.constantFrom('2025-01-01T00:00:00Z', null),
  'micro-time': fc.constantFrom('2025-01-01T00:00:00.000000Z', null),
  bytes: fc.constantFrom('', 'YQ=='),
  any: fc.constantFrom(null, 1, {}, 'a'),
};

function anyOf(type: SchemaType, depth: number): fc.Arbitrary<unknown> {
  if (type.kind === 'scalar') return scalars[type.scalar];
  if (type.kind === 'list') return depth > 6 ? fc.constant([]) : fc.array(anyOf(type.item, depth + 1), { maxLength: 2 });
  if (type.kind === 'map')
    return fc.dictionary(fc.constantFrom('a', '', 'kubernetes.io/a', 'A b'), anyOf(type.value, depth + 1), { maxKeys: 2 });
  return depth > 6 ? fc.constant({}) : objectOf(type.model, depth + 1);
}

/** An object with any of a model's fields: with all of them in turn, most depths are reached. */
function objectOf(model: ModelSchema, depth = 0): fc.Arbitrary<Record<string, unknown>> {
  const names = [...model.fields.keys()];
  if (names.length === 0) return fc.constant({});
  return fc
    .subarray(names, { maxLength: Math.min(5, names.length) })
    .chain((chosen) => fc.record(Object.fromEntries(chosen.map((name) => [name, anyOf(model.fields.get(name)!.type, depth)]))));
}

describe('any object', () => {
  test.each(kinds.filter(({ model }) => hasModel(model)).map((kind) => ({ name: `${apiVersionOf(kind)} ${kind.kind}`, kind })))(
    '$name',
    ({ kind }) => {
      const now = '2025-01-01T00:00:00Z';
      const context = { now, user: { name: 'someone', uid: undefined, groups: [] }, warn: () => undefined };
      const meta = {
        name: 'a',
        namespace: kind.isNamespaced ? 'default' : undefined,
        uid: 'u',
        resourceVersion: '1',
        creationTimestamp: now,
      };
      const complete = (value: object): ApiObject => {
        const { object } = decode<ApiObject>(value, kind.model);
        return kind.setDefaults({ ...object, apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { ...object.metadata, ...meta } });
      };
      fc.assert(
        fc.property(objectOf(modelSchema(kind.model)), objectOf(modelSchema(kind.model)), (one, other) => {
          const [previous, next] = [complete(one), complete(other)];
          const created = kind.prepareForCreate(previous, context);
          expect(Array.isArray(kind.validate(created))).toBe(true);
          expect(Array.isArray(kind.validateUpdate(kind.prepareForUpdate(next, previous, context), previous))).toBe(true);
          kind.warnings?.(created, undefined);
          if (kind.validate(created).length === 0) for (const { cell } of kind.columns) cell(created, 0);
        }),
        { numRuns: 300, seed: 1 },
      );
    },
  );
});
