/** What a definition says of its objects, one thing after the other. */
import { beforeEach, describe, expect, test } from 'vitest';
import { customResourceDefinitions } from '../../../api/apiextensions/custom-resource-definition.ts';
import type { CustomResourceDefinition } from '../../../api/generated/types.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import type { TestControlPlane } from '../testing.ts';
import { createTestControlPlane } from '../testing.ts';

let plane: TestControlPlane;
beforeEach(() => {
  plane = createTestControlPlane({ authorization: { authorizers: [{ type: 'AlwaysAllow' }] }, authentication: {} });
});

/** A definition of tees with one version. */
const definition = (version: object, names: object = {}): object => ({
  metadata: { name: 'tees.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'tees', kind: 'Tee', ...names },
    versions: [{ name: 'v1', served: true, storage: true, ...version }],
  },
});
const schemaOf = (spec: object): object => ({ schema: { openAPIV3Schema: { type: 'object', properties: { spec } } } });
const define = (object: object): void => {
  plane.run(plane.admin.call({ verb: 'create', kind: customResourceDefinitions, object }));
  plane.advance(100);
};

const path = '/apis/example.com/v1/namespaces/default/tees';
const http = (method: string, target: string, body?: object, headers: Record<string, string> = {}) =>
  plane.run(plane.endpoint.http({ method, target, headers, ...(body && { body }) }, { ip: '', port: 1, isTls: true }));
const tee = (name: string, spec: unknown): object => ({ apiVersion: 'example.com/v1', kind: 'Tee', metadata: { name }, spec });

describe('what a definition says of its objects', () => {
  const any = { 'x-kubernetes-preserve-unknown-fields': true };
  /** Defines tees whose spec has this schema, and makes one. */
  const makeWith = (spec: object, value: unknown, version: object = {}): { readonly message?: string; readonly spec?: unknown } => {
    define(definition({ ...schemaOf(spec), ...version }));
    return http('POST', path, tee('a', value)).body as never;
  };
  test.each([
    {
      name: 'all of several',
      schema: { type: 'integer', allOf: [{ minimum: 1 }, { maximum: 3 }] },
      value: 4,
      want: 'less than or equal to 3',
    },
    { name: 'an upper bound that is out', schema: { type: 'integer', maximum: 3, exclusiveMaximum: true }, value: 3, want: 'less than 3' },
    {
      name: 'a lower bound that is out',
      schema: { type: 'integer', minimum: 3, exclusiveMinimum: true },
      value: 3,
      want: 'greater than 3',
    },
    { name: 'an upper bound', schema: { type: 'integer', maximum: 3 }, value: 4, want: 'less than or equal to 3' },
    { name: 'a format', schema: { type: 'string', format: 'ipv4' }, value: 'x', want: 'must be of type ipv4' },
    {
      name: 'the most items',
      schema: { type: 'array', maxItems: 1, items: { type: 'string' } },
      value: ['a', 'b'],
      want: 'must have at most 1 item',
    },
    {
      name: 'the fewest items',
      schema: { type: 'array', minItems: 1, items: { type: 'string' } },
      value: [],
      want: 'should have at least 1 items',
    },
    {
      name: 'the most properties',
      schema: { type: 'object', maxProperties: 1, ...any },
      value: { a: 1, b: 2 },
      want: 'must have at most 1 item',
    },
    {
      name: 'the fewest properties',
      schema: { type: 'object', minProperties: 1, ...any },
      value: {},
      want: 'should have at least 1 properties',
    },
    { name: 'the shortest text', schema: { type: 'string', minLength: 2 }, value: 'a', want: 'should be at least 2 chars long' },
    { name: 'multiples', schema: { type: 'integer', multipleOf: 5 }, value: 7, want: 'should be a multiple of 5' },
    { name: 'what may not be', schema: { type: 'string', not: { enum: ['x'] } }, value: 'x', want: 'must not validate the schema (not)' },
    { name: 'a pattern', schema: { type: 'string', pattern: '^a' }, value: 'b', want: "should match '^a'" },
    {
      name: 'a whole object inside of another one',
      schema: { type: 'object', 'x-kubernetes-embedded-resource': true, ...any },
      value: { apiVersion: '', metadata: { name: 'a', labels: { 'a b': '' } } },
      want: '[spec.apiVersion: Invalid value: "": must not be empty, spec.kind: Required value, spec.metadata.labels: Invalid value: "a b"',
    },
  ])('$name', ({ schema: own, value, want }) => expect(makeWith(own, value).message).toContain(want));

  const asTable = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
  test('its columns, as a table has them', () => {
    const additionalPrinterColumns = [
      { name: 'Color', type: 'string', jsonPath: '.spec.color', description: 'What it looks like.' },
      { name: 'Size', type: 'integer', format: 'int32', jsonPath: '.spec.size', priority: 1 },
    ];
    makeWith({ type: 'object', ...any }, { color: 'red', size: 4 }, { additionalPrinterColumns });
    const { columnDefinitions, rows } = http('GET', path, undefined, asTable).body as unknown as {
      readonly columnDefinitions: readonly object[];
      readonly rows: readonly { readonly cells: readonly unknown[] }[];
    };
    expect(columnDefinitions.slice(1)).toEqual([
      { name: 'Color', type: 'string', format: '', description: 'What it looks like.', priority: 0 },
      {
        name: 'Size',
        type: 'integer',
        format: 'int32',
        description: 'Custom resource definition column (in JSONPath format): .spec.size',
        priority: 1,
      },
    ]);
    expect(rows[0]!.cells).toEqual(['a', 'red', 4]);
  });

  test('its names, as discovery tells them', () => {
    define(definition(schemaOf({ type: 'object' }), {
      singular: 'tee-shirt',
      listKind: 'TeeDrawer',
      shortNames: ['t'],
      categories: ['clothes'],
    }));
    const { resources } = http('GET', '/apis/example.com/v1').body as unknown as {
      readonly resources: readonly { readonly name: string }[];
    };
    expect(resources.find(({ name }) => name === 'tees')).toMatchObject({
      singularName: 'tee-shirt',
      shortNames: ['t'],
      categories: ['clothes'],
    });
    expect(http('GET', '/apis/example.com/v1/tees').body).toMatchObject({ kind: 'TeeDrawer' });
  });

  test('that its version is deprecated, in its own words', () => {
    const words = 'wear something else';
    makeWith({ type: 'object', ...any }, {}, { deprecated: true, deprecationWarning: words });
    expect(http('GET', '/apis/example.com/v1/tees').headers.warning).toContain(words);
  });

  test('what is one whole when several apply', () => {
    const whole = { type: 'object', 'x-kubernetes-map-type': 'atomic', additionalProperties: { type: 'string' } };
    makeWith({ type: 'object', properties: { labels: whole } }, { labels: { a: '1' } });
    const apply = (labels: object, manager: string) =>
      http('PATCH', `${path}/b?fieldManager=${manager}&force=true`, tee('b', { labels }), {
        'content-type': 'application/apply-patch+yaml',
      }).body as { readonly spec: object };
    apply({ a: '1' }, 'one');
    expect(apply({ b: '2' }, 'two').spec).toEqual({ labels: { b: '2' } });
  });

  test('where the selector of its scale is', () => {
    const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.spec.selector' };
    makeWith({ type: 'object', ...any }, { replicas: 1, selector: 'a=b' }, { subresources: { scale } });
    expect(http('GET', `${path}/a/scale`).body).toMatchObject({
      status: { selector: 'a=b' },
    });
  });

  test('what it is for, as OpenAPI has it', () => {
    makeWith({ type: 'object', description: 'How it shall be.', ...any }, {});
    const document = http('GET', '/openapi/v3/apis/example.com/v1').body;
    expect(JSON.stringify(document)).toContain('How it shall be.');
  });
});

describe('what has become wrong', () => {
  const parts = (n: object, list: object) => ({
    type: 'object',
    properties: {
      parts: { type: 'array', ...list, items: { type: 'object', properties: { name: { type: 'string' }, n: { type: 'integer', ...n } } } },
      other: { type: 'string' },
    },
  });
  const byName = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] };
  const required = { required: ['name'] };
  const [a, b] = [
    { name: 'a', n: 9 },
    { name: 'b', n: 1 },
  ];
  test.each<{ readonly name: string; readonly list: object; readonly after: object; readonly isRefused: boolean }>([
    { name: 'and is not touched', list: {}, after: { parts: [a, b], other: 'x' }, isRefused: false },
    { name: 'and has moved in a list with keys', list: byName, after: { parts: [b, a] }, isRefused: false },
    { name: 'and changes in a list with keys', list: byName, after: { parts: [{ ...a, n: 8 }, b] }, isRefused: true },
    { name: 'and stays beside a change in a list with keys', list: byName, after: { parts: [a, { ...b, n: 2 }] }, isRefused: false },
    { name: 'and stays beside a change in a list that is one whole', list: {}, after: { parts: [a, { ...b, n: 2 }] }, isRefused: true },
  ])('$name', ({ list, after, isRefused }) => {
    const own = (n: object): object => {
      const spec = parts(n, list);
      Object.assign(spec.properties.parts.items, required);
      return definition(schemaOf(spec));
    };
    define(own({}));
    const first = http('POST', path, tee('a', { parts: [a, b] })).body as ApiObject;
    const asked = { kind: customResourceDefinitions, name: 'tees.example.com' };
    const stored = plane.run(plane.admin.call({ ...asked, verb: 'get' })) as object;
    const stricter = { ...stored, spec: (own({ maximum: 5 }) as CustomResourceDefinition).spec };
    plane.run(plane.admin.call({ ...asked, verb: 'update', object: stricter }));
    plane.advance(100);
    const { status } = http('PUT', `${path}/a`, { ...first, spec: after });
    expect(status).toBe(isRefused ? 422 : 200);
  });
});
