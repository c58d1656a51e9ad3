import { beforeEach, describe, expect, test } from 'vitest';
import { customResourceDefinitions } from '../../../api/apiextensions/custom-resource-definition.ts';
import type { CustomResourceDefinition } from '../../../api/generated/types.ts';
import type { Kind } from '../../../api/kind.ts';
import type { ApiObject, List } from '../../../machinery/objects.ts';
import type { TestControlPlane } from '../testing.ts';
import { createTestControlPlane } from '../testing.ts';

const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['color'],
      properties: {
        color: { type: 'string', enum: ['blue', 'red'] },
        size: { type: 'string', default: 'M', maxLength: 3 },
        replicas: { type: 'integer', minimum: 1 },
        port: { 'x-kubernetes-int-or-string': true },
        tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
        parts: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, count: { type: 'integer' } } },
        },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        note: { type: 'string', nullable: true },
        choice: {
          type: 'object',
          properties: { a: { type: 'string' }, b: { type: 'string' } },
          oneOf: [{ required: ['a'] }, { required: ['b'] }],
        },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
      },
    },
    status: { type: 'object', properties: { replicas: { type: 'integer' } } },
  },
};

const definition = (more: object = {}, version: object = {}): object => ({
  metadata: { name: 'shirts.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'shirts', kind: 'Shirt', shortNames: ['sh'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: schema },
        subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } },
        selectableFields: [{ jsonPath: '.spec.color' }],
        ...version,
      },
    ],
    ...more,
  },
});

let plane: TestControlPlane;
let shirts: Kind;

const createDefinition = (object: object): CustomResourceDefinition =>
  plane.run(plane.admin.call({ verb: 'create', kind: customResourceDefinitions, object })) as CustomResourceDefinition;
const call = (verb: 'create' | 'update' | 'get' | 'delete' | 'list', more: object = {}) =>
  plane.run(plane.admin.call({ verb, kind: shirts, namespace: 'default', ...more })) as ApiObject;
const shirt = (spec: object, name = 'a'): object => ({ apiVersion: 'example.com/v1', kind: 'Shirt', metadata: { name }, spec });
const http = (method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
  const request = { method, target: path, headers: { authorization: 'Bearer x', ...headers }, ...(body && { body }) };
  return plane.run(plane.endpoint.http(request, { ip: '', port: 1, isTls: true }));
};

beforeEach(() => {
  plane = createTestControlPlane({ authorization: { authorizers: [{ type: 'AlwaysAllow' }] }, authentication: {} });
  createDefinition(definition());
  plane.advance(100);
  shirts = plane.server.registry.find('example.com/v1', 'shirts')!.descriptor;
});

const post = (body: object, query = '?fieldValidation=Strict') => {
  const request = { method: 'POST', target: `/apis/example.com/v1/namespaces/default/shirts${query}`, headers: {}, body };
  const answer = plane.run(plane.endpoint.http(request, { ip: '', port: 1, isTls: true }));
  return answer.body as { readonly message?: string; readonly spec?: object };
};

describe('an object', () => {
  test.each([
    { name: 'gets defaults', spec: { color: 'blue' }, want: { color: 'blue', size: 'M' } },
    {
      name: 'drops null where none may be',
      spec: { color: 'blue', size: null, note: null },
      want: { color: 'blue', size: 'M', note: null },
    },
    { name: 'keeps what is free', spec: { color: 'red', free: { x: { y: 1 } } }, want: { color: 'red', free: { x: { y: 1 } }, size: 'M' } },
  ])('$name', ({ spec, want }) => expect(post(shirt(spec)).spec).toEqual(want));

  test('loses unknown fields unless the client is strict', () => {
    expect(post(shirt({ color: 'blue', foo: 1, parts: [{ name: 'x', y: 2 }] }), '').spec).toEqual({
      color: 'blue',
      size: 'M',
      parts: [{ name: 'x' }],
    });
    expect(post(shirt({ color: 'blue', foo: 1, parts: [{ name: 'x', y: 2 }] }, 'b')).message).toBe(
      'Shirt in version "v1" cannot be handled as a Shirt: strict decoding error: unknown field "spec.foo", unknown field "spec.parts[0].y"',
    );
  });

  test.each([
    { name: 'a missing field', spec: {}, want: 'spec.color: Required value' },
    {
      name: 'a value of none of those',
      spec: { color: 'pink' },
      want: 'spec.color: Unsupported value: "pink": supported values: "blue", "red"',
    },
    {
      name: 'a wrong type',
      spec: { color: 'red', replicas: 'x' },
      want: 'spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string"',
    },
    {
      name: 'too little',
      spec: { color: 'red', replicas: 0 },
      want: 'spec.replicas: Invalid value: 0: spec.replicas in body should be greater than or equal to 1',
    },
    { name: 'too long', spec: { color: 'red', size: 'XXXL' }, want: 'spec.size: Too long: may not be more than 3 bytes' },
    { name: 'the same twice', spec: { color: 'red', tags: ['a', 'a'] }, want: 'spec.tags[1]: Duplicate value: "a"' },
    {
      name: 'a key twice',
      spec: { color: 'red', parts: [{ name: 'x' }, { name: 'x' }] },
      want: 'spec.parts[1]: Duplicate value: {"name":"x"}',
    },
    {
      name: 'neither',
      spec: { color: 'red', choice: {} },
      want: '"spec.choice" must validate one and only one schema (oneOf). Found none valid',
    },
    { name: 'both', spec: { color: 'red', choice: { a: '', b: '' } }, want: '(oneOf). Found 2 valid alternatives' },
    {
      name: 'a wrong value of a map',
      spec: { color: 'red', labels: { x: 1 } },
      want: 'spec.labels.x in body must be of type string: "integer"',
    },
    {
      name: 'a port that is neither',
      spec: { color: 'red', port: true },
      want: 'spec.port in body must be of type integer,string: "boolean"',
    },
  ])('with $name is refused', ({ spec, want }) => expect(post(shirt(spec)).message).toContain(want));

  test('counts generations of its spec, and keeps its status apart', () => {
    const made = call('create', { object: { ...shirt({ color: 'blue' }), status: { replicas: 9 } } }) as ApiObject & { status?: object };
    expect([made.metadata.generation, made.status]).toEqual([1, undefined]);
    const object = { ...made, status: { replicas: 2 }, spec: { color: 'red' } };
    const updated = call('update', { object, subresource: 'status', name: 'a' }) as ApiObject & { spec: object; status: object };
    expect([updated.metadata.generation, updated.status, updated.spec]).toEqual([1, { replicas: 2 }, { color: 'blue', size: 'M' }]);
    const changed = call('update', { object: { ...updated, spec: { color: 'red' } }, name: 'a' });
    expect(changed.metadata.generation).toBe(2);
  });

  test('has a scale', () => {
    call('create', { object: shirt({ color: 'blue', replicas: 2 }) });
    const scale = call('get', { name: 'a', subresource: 'scale' }) as ApiObject & { spec: { replicas: number } };
    expect(scale.spec.replicas).toBe(2);
    call('update', { name: 'a', subresource: 'scale', object: { ...scale, spec: { replicas: 5 } } });
    expect((call('get', { name: 'a' }) as ApiObject & { spec: object }).spec).toEqual({ color: 'blue', replicas: 5, size: 'M' });
  });

  test('is found by a field of its spec', () => {
    call('create', { object: shirt({ color: 'blue' }) });
    call('create', { object: shirt({ color: 'red' }, 'b') });
    const { items } = call('list', { selectors: { fieldSelector: 'spec.color=red' } }) as unknown as List<ApiObject>;
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['b']);
  });

  test('merges lists of type map when it is applied', () => {
    const apply = (parts: object[], fieldManager: string) =>
      plane.run(
        plane.admin.call({
          verb: 'patch' as never,
          kind: shirts,
          namespace: 'default',
          name: 'a',
          patch: { type: 'application/apply-patch+yaml', body: shirt({ color: 'blue', parts }) },
          write: { fieldManager },
        }),
      ) as ApiObject & { spec: { parts: object[] } };
    apply([{ name: 'x', count: 1 }], 'one');
    expect(apply([{ name: 'y', count: 2 }], 'two').spec.parts).toEqual([
      { name: 'x', count: 1 },
      { name: 'y', count: 2 },
    ]);
  });

  test('may stay wrong where it is not touched', () => {
    call('create', { object: shirt({ color: 'blue', size: 'XL' }) });
    const stored = plane.run(
      plane.admin.call({ verb: 'get', kind: customResourceDefinitions, name: 'shirts.example.com' }),
    ) as CustomResourceDefinition;
    const text = JSON.stringify(stored.spec).replace('"maxLength":3', '"maxLength":1');
    plane.run(
      plane.admin.call({
        verb: 'update',
        kind: customResourceDefinitions,
        name: 'shirts.example.com',
        object: { ...stored, spec: JSON.parse(text) },
      }),
    );
    plane.advance(100);
    const live = call('get', { name: 'a' }) as ApiObject & { spec: object };
    expect(call('update', { name: 'a', object: { ...live, spec: { ...live.spec, color: 'red' } } }).metadata.generation).toBe(2);
    expect(() =>
      call('update', {
        name: 'a',
        object: { ...live, metadata: { ...live.metadata, resourceVersion: '' }, spec: { ...live.spec, size: 'XS' } },
      }),
    ).toThrow(/Too long|must be specified/);
  });
});

describe('a definition', () => {
  test('is established and has an APIService', () => {
    const { status } = plane.run(
      plane.admin.call({ verb: 'get', kind: customResourceDefinitions, name: 'shirts.example.com' }),
    ) as CustomResourceDefinition;
    expect(status?.conditions?.map(({ type, status: is, reason }) => [type, is, reason])).toEqual([
      ['NamesAccepted', 'True', 'NoConflicts'],
      ['Established', 'True', 'InitialNamesAccepted'],
    ]);
    expect(status?.storedVersions).toEqual(['v1']);
    expect(plane.server.store('apiservices', 'apiregistration.k8s.io/v1').get('', 'v1.example.com')).toBeDefined();
  });

  test.each([
    { name: 'approved', annotation: 'https://example.com/1', want: ['True', 'ApprovedAnnotation', 'approved in https://example.com/1'] },
    {
      name: 'not approved',
      annotation: 'unapproved, in the lab',
      want: ['False', 'UnapprovedAnnotation', 'not approved: "unapproved, in the lab"'],
    },
  ])('of the community says that it is $name', ({ annotation, want }) => {
    const metadata = { name: 'shirts.x.k8s.io', annotations: { 'api-approved.kubernetes.io': annotation } };
    createDefinition({ ...definition({ group: 'x.k8s.io' }), metadata });
    plane.advance(100);
    const { status } = plane.run(
      plane.admin.call({ verb: 'get', kind: customResourceDefinitions, name: 'shirts.x.k8s.io' }),
    ) as CustomResourceDefinition;
    const found = status?.conditions?.find(({ type }) => type === 'KubernetesAPIApprovalPolicyConformant');
    expect([found?.status, found?.reason, found?.message]).toEqual(want);
    expect(status?.conditions?.find(({ type }) => type === 'Established')?.status).toBe('True');
  });

  test('whose kind is taken is not served', () => {
    createDefinition({ ...definition({ names: { plural: 'tees', kind: 'Shirt' } }), metadata: { name: 'tees.example.com' } });
    plane.advance(100);
    const found = plane.run(
      plane.admin.call({ verb: 'get', kind: customResourceDefinitions, name: 'tees.example.com' }),
    ) as CustomResourceDefinition;
    // The kind of the list is taken too, and said last.
    expect(found.status?.conditions?.[0]).toMatchObject({
      status: 'False',
      reason: 'ListKindConflict',
      message: '"ShirtList" is already in use',
    });
    expect(plane.server.registry.find('example.com/v1', 'tees')).toBeUndefined();
  });

  test('that is deleted takes its objects along', () => {
    call('create', { object: shirt({ color: 'blue' }) });
    plane.run(plane.admin.call({ verb: 'delete', kind: customResourceDefinitions, name: 'shirts.example.com' }));
    plane.advance(1000);
    expect(plane.server.registry.find('example.com/v1', 'shirts')).toBeUndefined();
    expect(plane.server.store('customresourcedefinitions', 'apiextensions.k8s.io/v1').list('')).toEqual([]);
    expect(plane.server.store('apiservices', 'apiregistration.k8s.io/v1').get('', 'v1.example.com')).toBeUndefined();
    expect(plane.etcd.keyspace('/registry/example.com/shirts/').size).toBe(0);
  });

  test('serves each object in the version that is asked for', () => {
    const versions = [
      { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } },
      {
        name: 'v1beta1',
        served: true,
        storage: false,
        deprecated: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ];
    createDefinition({ ...definition({ names: { plural: 'tees', kind: 'Tee' }, versions }), metadata: { name: 'tees.example.com' } });
    plane.advance(100);
    const target = '/apis/example.com/v1beta1/namespaces/default/tees';
    const made = http(
      'POST',
      target,
      { apiVersion: 'example.com/v1beta1', kind: 'Tee', metadata: { name: 'a' }, spec: { color: 'blue' } },
      { authorization: '' },
    );
    expect(made.headers.warning).toContain('example.com/v1beta1 Tee is deprecated; use example.com/v1 Tee');
    const read = http('GET', '/apis/example.com/v1/namespaces/default/tees/a', undefined, { authorization: '' }).body as ApiObject;
    expect(read.apiVersion).toBe('example.com/v1');
  });
});

describe('refuses a definition', () => {
  const withSchema = (openAPIV3Schema: object): object => definition({}, { schema: { openAPIV3Schema }, selectableFields: [] });
  const specOf = (spec: object): object => withSchema({ type: 'object', properties: { spec } });
  test.each([
    {
      name: 'of another name',
      object: { ...definition(), metadata: { name: 'x' } },
      want: 'metadata.name: Invalid value: "x": must be spec.names.plural+"."+spec.group',
    },
    {
      name: 'without a dot in its group',
      object: definition({ group: 'example' }),
      want: 'spec.group: Invalid value: "example": should be a domain with at least one dot',
    },
    {
      name: 'of a strange scope',
      object: definition({ scope: 'World' }),
      want: 'spec.scope: Unsupported value: "World": supported values: "Cluster", "Namespaced"',
    },
    {
      name: 'without a stored version',
      object: definition({ versions: [] }),
      want: 'must have exactly one version marked as storage version',
    },
    {
      name: 'without a schema',
      object: definition({}, { schema: undefined }),
      want: 'spec.versions[0].schema.openAPIV3Schema: Required value',
    },
    {
      name: 'without a type',
      object: specOf({}),
      want: 'properties[spec].type: Required value: must not be empty for specified object fields',
    },
    {
      name: 'with a list of nothing',
      object: specOf({ type: 'array' }),
      want: 'properties[spec].items: Required value: must be specified',
    },
    { name: 'with an unknown type', object: specOf({ type: 'text' }), want: 'properties[spec].type: Unsupported value: "text"' },
    {
      name: 'with a type inside anyOf',
      object: specOf({ type: 'string', anyOf: [{ type: 'string' }] }),
      want: 'anyOf[0].type: Forbidden: must be empty to be structural',
    },
    {
      name: 'with a bad default',
      object: specOf({ type: 'integer', default: 'x' }),
      want: 'default: Invalid value: "string":  in body must be of type integer: "string"',
    },
    {
      name: 'with a map list without keys',
      object: specOf({ type: 'array', 'x-kubernetes-list-type': 'map', items: { type: 'object' } }),
      want: 'x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map',
    },
    {
      name: 'in the community’s group',
      object: { ...definition({ group: 'x.k8s.io' }), metadata: { name: 'shirts.x.k8s.io' } },
      want: 'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation',
    },
    {
      name: 'with a column of no type',
      object: definition({}, { additionalPrinterColumns: [{ name: 'X', type: 'text', jsonPath: '.a' }] }),
      want: 'must be one of boolean,date,integer,number,string',
    },
    {
      name: 'that selects by nothing',
      object: definition({}, { selectableFields: [{ jsonPath: '.spec.none' }] }),
      want: 'is an invalid path: does not refer to a valid field',
    },
  ])('$name', ({ object, want }) => expect(() => createDefinition(object)).toThrow(want));
});

describe('rules', () => {
  const limits = {
    type: 'object',
    'x-kubernetes-validations': [
      { rule: 'self.min <= self.max', message: 'min may not be above max' },
      {
        rule: 'self.max < 100',
        messageExpression: '"max is %d, must be below 100".format([self.max])',
        reason: 'FieldValueForbidden',
        fieldPath: '.max',
      },
      { rule: '!has(self.name) || self.name != "bad"' },
    ],
    properties: {
      min: { type: 'integer' },
      max: { type: 'integer' },
      name: { type: 'string' },
      fixed: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'fixed may not change' }] },
      size: {
        type: 'integer',
        'x-kubernetes-validations': [
          { rule: 'oldSelf.optMap(o, self >= o).orValue(true)', optionalOldSelf: true, message: 'size may not shrink' },
        ],
      },
      parts: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
        items: {
          type: 'object',
          required: ['name'],
          properties: {
            name: { type: 'string' },
            n: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self >= oldSelf', message: 'n may only grow' }] },
          },
        },
      },
    },
  };
  const versionOf = (spec: object): object => ({
    schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
    selectableFields: [],
    subresources: {},
  });
  const withRules = (spec: object): object => ({
    ...definition({ names: { plural: 'limits', kind: 'Limit' } }, versionOf(spec)),
    metadata: { name: 'limits.example.com' },
  });
  let limitKind: Kind;
  beforeEach(() => {
    createDefinition(withRules(limits));
    plane.advance(100);
    limitKind = plane.server.registry.find('example.com/v1', 'limits')!.descriptor;
  });
  const create = (spec: object) =>
    plane.run(
      plane.admin.call({
        verb: 'create',
        kind: limitKind,
        namespace: 'default',
        object: { apiVersion: 'example.com/v1', kind: 'Limit', metadata: { name: 'a' }, spec },
      }),
    ) as ApiObject & { spec: object };
  const update = (live: ApiObject & { spec: object }, spec: object) =>
    plane.run(
      plane.admin.call({
        verb: 'update',
        kind: limitKind,
        namespace: 'default',
        name: 'a',
        object: { ...live, spec: { ...live.spec, ...spec } },
      }),
    );

  test.each([
    { name: 'a message', spec: { min: 2, max: 1 }, want: 'spec: Invalid value: "object": min may not be above max' },
    { name: 'a message that is worked out', spec: { min: 1, max: 200 }, want: 'spec.max: Forbidden: max is 200, must be below 100' },
    {
      name: 'no message',
      spec: { min: 1, max: 2, name: 'bad' },
      want: 'spec: Invalid value: "object": failed rule: !has(self.name) || self.name != "bad"',
    },
    {
      name: 'a key that is not there',
      spec: { max: 1 },
      want: 'spec: Invalid value: "object": no such key: min evaluating rule: min may not be above max',
    },
    {
      name: 'a wrong type before it',
      spec: { min: 'x', max: 1 },
      want: '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid',
    },
  ])('refuse with $name', ({ spec, want }) => expect(() => create(spec)).toThrow(want));

  test('look at what was', () => {
    const live = create({ min: 1, max: 2, fixed: 'a', size: 3, parts: [{ name: 'x', n: 2 }] });
    expect(() => update(live, { fixed: 'b' })).toThrow('spec.fixed: Invalid value: "string": fixed may not change');
    expect(() => update(live, { size: 2 })).toThrow('spec.size: Invalid value: "integer": size may not shrink');
    expect(() =>
      update(live, {
        parts: [
          { name: 'y', n: 0 },
          { name: 'x', n: 1 },
        ],
      }),
    ).toThrow('spec.parts[1].n: Invalid value: "integer": n may only grow');
    expect(update(live, { size: 4, parts: [{ name: 'x', n: 3 }] })).toMatchObject({ spec: { size: 4 } });
  });

  test.each([
    { name: 'an unknown field', rule: 'self.none == 1', want: "compilation failed: ERROR: <input>:1:5: undefined field 'none'" },
    { name: 'no truth', rule: 'self.a', want: 'cel expression must evaluate to a bool' },
    { name: 'nothing', rule: ' ', want: 'x-kubernetes-validations[0].rule: Required value: rule is not specified' },
  ])('that name $name are refused', ({ rule, want }) => {
    const object = withRules({ type: 'object', properties: { a: { type: 'integer' } }, 'x-kubernetes-validations': [{ rule }] }) as {
      metadata: object;
    };
    expect(() => createDefinition({ ...object, metadata: { name: 'others.example.com' } })).toThrow(want);
  });

  test('may not look back into a list without keys', () => {
    const items = { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] };
    const object = withRules({ type: 'object', properties: { a: { type: 'array', items } } }) as { metadata: object };
    expect(() => createDefinition({ ...object, metadata: { name: 'others.example.com' } })).toThrow(
      'oldSelf cannot be used on the uncorrelatable portion of the schema within spec.validation.openAPIV3Schema.properties[spec].properties[a]',
    );
  });
});
