/** Protobuf over HTTPS: bodies, answers, watches, and who gets which. */
import https from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer, Asked, Identity, TestServer } from '../testing.ts';
import { ask, createTestServer } from '../testing.ts';
import { decodeBody } from './index.ts';
import { fieldsOf } from './wire.ts';

let server: TestServer;
let admin: Identity;

beforeAll(async () => {
  server = await createTestServer();
  admin = server.identity('kubernetes-admin', 'system:masters');
  const notes = { type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } };
  const properties = { spec: { type: 'object', properties: { size: { type: 'integer', maximum: 9, default: 1 }, notes } } };
  const spec = {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'gadgets', kind: 'Gadget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties } },
        subresources: { status: {} },
      },
    ],
  };
  const body = JSON.stringify({ metadata: { name: 'gadgets.example.com' }, spec });
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  expect((await ask(server, { method: 'POST', path: definitions, body, as: admin })).status).toBe(201);
  await server.pace.advance(5000);
  const gadget = JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Gadget', metadata: { name: 'one' }, spec: { size: 3 } });
  expect((await ask(server, { method: 'POST', path: gadgets, body: gadget, as: admin })).status).toBe(201);
  const map = JSON.stringify({ metadata: { name: 'plain', labels: { a: 'b' } }, data: { mode: 'dev' } });
  expect((await ask(server, { method: 'POST', path: configMaps, body: map, as: admin })).status).toBe(201);
});

afterAll(async () => {
  await server.close();
  expect(server.faults).toEqual([]);
});

const configMaps = '/api/v1/namespaces/default/configmaps';
const gadgets = '/apis/example.com/v1/namespaces/default/gadgets';
const protobuf = 'application/vnd.kubernetes.protobuf';

/** A field of bytes. */
const field = (number: number, value: Buffer | string): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2, value.length]), Buffer.from(value)]);
const envelope = (apiVersion: string, kind: string, raw: Buffer): Buffer =>
  Buffer.concat([Buffer.from('k8s\0'), field(1, Buffer.concat([field(1, apiVersion), field(2, kind)])), field(2, raw)]);
const create = (body: string | Buffer, more: Partial<Asked> = {}) =>
  ask(server, { method: 'POST', path: configMaps, body, as: admin, ...more });
const json = ({ body }: Answer) => JSON.parse(body.toString());

describe('bodies', () => {
  const headers = { 'content-type': protobuf, accept: 'application/json' };

  test('an object is what its JSON would be', async () => {
    const metadata = Buffer.concat([field(1, 'packed'), field(2, ''), field(11, Buffer.concat([field(1, 'a'), field(2, 'b')]))]);
    const raw = Buffer.concat([field(1, metadata), field(2, Buffer.concat([field(1, 'mode'), field(2, 'dev')]))]);
    const answer = await create(envelope('v1', 'ConfigMap', raw), { headers });
    expect(answer.status).toBe(201);
    expect(json(answer)).toMatchObject({ metadata: { name: 'packed', labels: { a: 'b' } }, data: { mode: 'dev' } });
    expect(json(answer).metadata).not.toHaveProperty('generateName');
  });

  test.each([
    { name: 'of another kind', body: envelope('v1', 'Secret', field(1, field(1, 'x'))), want: 400 },
    { name: 'of no kind', body: envelope('example.com/v1', 'Gadget', field(1, field(1, 'x'))), want: 415 },
    { name: 'of a kind that only its name is known of', body: envelope('example.com/v1', 'Pod', field(1, field(1, 'x'))), want: 415 },
    { name: 'that is none', body: Buffer.from('{}'), want: 415 },
    { name: 'that breaks off', body: envelope('v1', 'ConfigMap', Buffer.from([10, 200])), want: 400 },
  ])('a body $name', async ({ body, want }) => {
    const answer = await create(body, { headers });
    expect(answer.status).toBe(want);
    expect(json(answer)).toMatchObject({ kind: 'Status', code: want });
  });
});

describe('answers', () => {
  const get = (path: string, accept: string) => ask(server, { path, headers: { accept }, as: admin });
  /** The object in an answer, which says that it is protobuf. */
  const read = ({ headers, body }: Answer): unknown => {
    expect(headers['content-type']).toBe(protobuf);
    return decodeBody(body);
  };

  test('an object is what its JSON is', async () => {
    for (const path of [`${configMaps}/plain`, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gadgets.example.com']) {
      expect(read(await get(path, `${protobuf},application/json`))).toEqual(json(await get(path, 'application/json')));
    }
  });

  test('a list has its metadata and its items', async () => {
    const { headers, body } = await get(`${configMaps}?labelSelector=a%3Db&limit=500`, protobuf);
    expect(headers['content-type']).toBe(protobuf);
    const [, raw] = [...fieldsOf(body.subarray(4))].find(([number]) => number === 2)!;
    expect([...fieldsOf(raw as Buffer)].map(([number]) => number)).toEqual([1, 2, 2]);
    expect(body.toString('latin1')).toContain('ConfigMapList');
  });

  test.each([
    { name: 'what is not there', path: `${configMaps}/none`, want: 404 },
    { name: 'a custom resource that is not there', path: `${gadgets}/none`, want: 406 },
  ])('a failure: $name', async ({ path, want }) => {
    const answer = await get(path, protobuf);
    expect(answer.status).toBe(want);
    expect(read(answer)).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code: want });
  });

  test.each([
    { name: 'a custom resource', path: `${gadgets}/one`, accept: `${protobuf},application/json`, want: [200, 'application/json'] },
    { name: 'a custom resource and nothing else', path: `${gadgets}/one`, accept: protobuf, want: [406, protobuf] },
    {
      name: 'the metadata of one',
      path: `${gadgets}/one`,
      accept: `${protobuf};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`,
      want: [200, protobuf],
    },
    { name: 'a Table', path: configMaps, accept: `${protobuf};as=Table;g=meta.k8s.io;v=v1`, want: [406, 'application/json'] },
    {
      name: 'a Table or the objects',
      path: configMaps,
      accept: `application/json;as=Table;g=meta.k8s.io;v=v1,${protobuf}`,
      want: [200, 'application/json'],
    },
    { name: 'the kinds of a group', path: '/apis/apps/v1', accept: protobuf, want: [200, protobuf] },
    { name: 'the version', path: '/version', accept: protobuf, want: [200, 'application/json'] },
    { name: 'a type that nobody knows', path: configMaps, accept: 'text/csv', want: [406, 'application/json'] },
    { name: 'a failure in YAML', path: `${configMaps}/none`, accept: 'application/yaml', want: [404, 'application/yaml'] },
  ])('who asks for $name', async ({ path, accept, want }) => {
    const { status, headers } = await get(path, accept);
    expect([status, headers['content-type']]).toEqual(want);
  });

  test('the kinds of a group, with their verbs', async () => {
    expect(read(await get('/apis/batch/v1', protobuf))).toEqual(json(await get('/apis/batch/v1', 'application/json')));
  });

  test('what was written', async () => {
    const answer = await create('{"metadata":{"name":"written"}}', { headers: { accept: protobuf, 'content-type': 'application/json' } });
    expect(answer.status).toBe(201);
    expect(read(answer)).toMatchObject({ metadata: { name: 'written' } });
  });
});

describe('watches', () => {
  /** The frames of a watch that ends by itself, as their type and object. */
  async function frames(path: string, accept: string): Promise<readonly (readonly [string, unknown])[]> {
    const { headers, body } = await new Promise<Answer>((resolve, reject) => {
      const request = https.get(`${server.url}${path}`, { headers: { accept }, ca: server.ca, ...admin, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }));
        void server.pace.advance(2000);
      });
      request.on('error', reject);
    });
    expect(headers['content-type']).toBe(`${protobuf};stream=watch`);
    const found: (readonly [string, unknown])[] = [];
    for (let at = 0; at < body.length; ) {
      const end = at + 4 + body.readUInt32BE(at);
      const event = new Map(fieldsOf(body.subarray(at + 4, end)));
      const raw = new Map(fieldsOf(event.get(2) as Buffer)).get(1) as Buffer;
      found.push([String(event.get(1)), decodeBody(raw) ?? raw.toString('latin1')]);
      at = end;
    }
    return found;
  }

  test('events are frames', async () => {
    const path = `${configMaps}?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Dplain`;
    expect(await frames(path, `${protobuf};stream=watch`)).toEqual([
      ['ADDED', expect.objectContaining({ kind: 'ConfigMap', data: { mode: 'dev' } })],
    ]);
  });

  test('one that has missed too much ends with a Status', async () => {
    server.plane.etcd.compact(server.plane.etcd.revision);
    expect(await frames(`${configMaps}?watch=1&resourceVersion=1`, protobuf)).toEqual([
      ['ERROR', expect.objectContaining({ kind: 'Status', code: 410 })],
    ]);
  });

  test('of custom resources there is their metadata', async () => {
    const accept = `${protobuf};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`;
    const [[type, object] = []] = await frames(`${gadgets}?watch=1&timeoutSeconds=1`, accept);
    expect(type).toBe('ADDED');
    expect(object).toContain('PartialObjectMetadata');
  });

  test('there is none in YAML', async () => {
    const answer = await ask(server, { path: `${configMaps}?watch=1`, headers: { accept: 'application/yaml' }, as: admin });
    expect(answer.status).toBe(406);
  });
});
