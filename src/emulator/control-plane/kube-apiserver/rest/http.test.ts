import { describe, expect, test } from 'vitest';
import { type OpenFile, textOf, utf8 } from '../../../kernel/index.ts';
import type { ByteString, HttpResponse } from '../../../kernel/index.ts';
import { CertificateAuthority } from '../../../machinery/x509/index.ts';
import { Random, unixMs } from '../../../kernel/index.ts';
import { createTestControlPlane } from '../testing.ts';

const authority = new CertificateAuthority(new Random(9), 'kubernetes', unixMs(2025, 9, 1));
const issue = (commonName: string, ...organizations: string[]) =>
  authority.issue({ subject: { commonName, organizations }, usages: ['client auth'], notBeforeMs: unixMs(2025, 9, 1) });
const adminCertificate = issue('kubernetes-admin', 'system:masters');

function createServer() {
  const plane = createTestControlPlane({ authentication: { clientCA: { authorities: [authority.certificate] } } });
  const send = (
    method: string,
    target: string,
    options: { body?: unknown; headers?: Record<string, string>; certificate?: unknown } = {},
  ): HttpResponse => {
    const { body, headers = {}, certificate = adminCertificate } = options;
    const bytes = body === undefined ? undefined : typeof body === 'string' ? utf8(body) : utf8(JSON.stringify(body));
    return plane.run(
      plane.endpoint.http(
        { method, target, headers: { 'user-agent': 'kubectl/v1.33.0', ...headers }, body: bytes },
        { ip: '10.0.0.1', port: 1, isTls: true, certificate },
      ),
    );
  };
  return { ...plane, send };
}

type Json = Record<string, never> & {
  status?: string;
  message?: string;
  items?: unknown[];
  metadata?: Record<string, unknown>;
  rows?: { cells: unknown[] }[];
  columnDefinitions?: unknown[];
};

function bodyOf({ body }: HttpResponse): Json {
  return (typeof body === 'string' ? JSON.parse(textOf(body as ByteString)) : body) as Json;
}

const cm = (name: string, more: object = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, ...more });
const path = '/api/v1/namespaces/default/configmaps';

describe('REST', () => {
  test.each([
    { name: 'creates', method: 'POST', target: path, body: cm('a'), status: 201 },
    {
      name: 'refuses what exists',
      method: 'POST',
      target: path,
      body: cm('there'),
      status: 409,
      message: 'configmaps "there" already exists',
    },
    { name: 'does not find', method: 'GET', target: `${path}/none`, status: 404, message: 'configmaps "none" not found' },
    {
      name: 'refuses a namespace that is not there',
      method: 'POST',
      target: '/api/v1/namespaces/none/configmaps',
      body: cm('a'),
      status: 404,
      message: 'namespaces "none" not found',
    },
    {
      name: 'refuses another kind',
      method: 'POST',
      target: path,
      body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } },
      status: 400,
    },
    {
      name: 'refuses another version',
      method: 'POST',
      target: path,
      body: { apiVersion: 'v2', kind: 'ConfigMap', metadata: { name: 'a' } },
      status: 400,
      message: 'the API version in the data (v2) does not match the expected API version (v1)',
    },
    {
      name: 'refuses another namespace',
      method: 'POST',
      target: path,
      body: cm('a', { metadata: { name: 'a', namespace: 'kube-system' } }),
      status: 400,
      message: 'the namespace of the provided object does not match the namespace sent on the request',
    },
    {
      name: 'refuses an unknown field under strict validation',
      method: 'POST',
      target: `${path}?fieldValidation=Strict`,
      body: cm('a', { dta: {} }),
      status: 400,
      message: 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "dta"',
    },
    { name: 'refuses a bad name', method: 'POST', target: path, body: cm('A_b'), status: 422 },
    {
      name: 'refuses another name in an update',
      method: 'PUT',
      target: `${path}/there`,
      body: cm('other'),
      status: 400,
      message: 'the name of the object (other) does not match the name on the URL (there)',
    },
    {
      name: 'does not delete the namespace default',
      method: 'DELETE',
      target: '/api/v1/namespaces/default',
      status: 403,
      message: 'namespaces "default" is forbidden: this namespace may not be deleted',
    },
    {
      name: 'refuses a selector it does not know',
      method: 'GET',
      target: '/api/v1/pods?fieldSelector=spec.foo%3Dbar',
      status: 400,
      message: 'field label not supported: spec.foo',
    },
    {
      name: 'refuses a big body',
      method: 'POST',
      target: path,
      body: cm('a', { data: { x: 'x'.repeat(3 << 20) } }),
      status: 413,
      message: 'Request entity too large: limit is 3145728',
    },
    { name: 'refuses what is no JSON', method: 'POST', target: path, body: '{"a":', status: 400 },
  ])('$name', ({ method, target, body, status, message }) => {
    const { send } = createServer();
    send('POST', path, { body: cm('there') });
    const response = send(method, target, { body });
    expect([response.status, message === undefined ? undefined : bodyOf(response).message]).toEqual([status, message]);
  });

  test('warns of unknown fields when asked to', () => {
    const { send } = createServer();
    expect(send('POST', `${path}?fieldValidation=Warn`, { body: cm('a', { dta: {} }) }).headers.warning).toBe(
      '299 - "unknown field \\"dta\\""',
    );
  });

  test.each([
    {
      name: 'nobody',
      certificate: undefined,
      headers: {},
      status: 403,
      message:
        'configmaps is forbidden: User "system:anonymous" cannot list resource "configmaps" in API group "" in the namespace "default"',
    },
    {
      name: 'a token of nobody',
      certificate: undefined,
      headers: { authorization: 'Bearer nonsense' },
      status: 401,
      message: 'Unauthorized',
    },
    {
      name: 'a user without rights',
      certificate: issue('jane'),
      headers: {},
      status: 403,
      message: 'configmaps is forbidden: User "jane" cannot list resource "configmaps" in API group "" in the namespace "default"',
    },
    {
      name: 'a certificate of another authority',
      certificate: new CertificateAuthority(new Random(2), 'other', 0).issue({
        subject: { commonName: 'x', organizations: ['system:masters'] },
        usages: ['client auth'],
        notBeforeMs: 0,
      }),
      headers: {},
      status: 401,
      message: 'Unauthorized',
    },
    {
      name: 'one that impersonates without right',
      certificate: issue('jane'),
      headers: { 'impersonate-user': 'bob' },
      status: 403,
      message: 'users "bob" is forbidden: User "jane" cannot impersonate resource "users" in API group "" at the cluster scope',
    },
  ])('refuses $name', ({ certificate, headers, status, message }) => {
    const { send } = createServer();
    const response = send('GET', path, { certificate: certificate ?? null, headers: headers as Record<string, string> });
    expect([response.status, bodyOf(response).message]).toEqual([status, message]);
  });

  test('believes a certificate in PEM, until it expires', () => {
    const { send, advance } = createServer();
    const certificate = { certificate: adminCertificate.pem, key: adminCertificate.key!.pem };
    expect(send('GET', path, { certificate }).status).toBe(200);
    advance(366 * 86_400_000);
    expect(send('GET', path, { certificate }).status).toBe(401);
  });

  test('lists in pages that agree with one revision', () => {
    const { send } = createServer();
    for (const name of ['a', 'b', 'c', 'd', 'e']) send('POST', path, { body: cm(name) });
    const names: string[] = [];
    let next = '';
    do {
      const list = bodyOf(send('GET', `${path}?limit=2&continue=${next}`));
      names.push(...(list.items as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name));
      next = (list.metadata!.continue as string | undefined) ?? '';
      send('DELETE', `${path}/e`);
      send('POST', path, { body: cm('aa') });
    } while (next !== '');
    expect(names).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('prints tables', () => {
    const { send } = createServer();
    send('POST', path, { body: cm('a', { data: { x: '1' } }) });
    const table = bodyOf(send('GET', path, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' } }));
    expect(table.rows!.map(({ cells }) => cells)).toEqual([['a', 1, '0s']]);
  });

  test('patches in each form', () => {
    const { send } = createServer();
    send('POST', path, { body: cm('a', { data: { x: '1', k: '2' } }) });
    const patch = (type: string, body: unknown, query = ''): Json =>
      bodyOf(send('PATCH', `${path}/a${query}`, { body, headers: { 'content-type': type } }));
    expect(patch('application/merge-patch+json', { data: { x: null } })).toMatchObject({ data: { k: '2' } });
    expect(patch('application/json-patch+json', [{ op: 'add', path: '/data/z', value: '3' }])).toMatchObject({ data: { k: '2', z: '3' } });
    expect(patch('application/strategic-merge-patch+json', { metadata: { labels: { l: 'm' } } })).toMatchObject({
      metadata: { labels: { l: 'm' } },
    });
    const conflict = patch('application/apply-patch+yaml', 'apiVersion: v1\nkind: ConfigMap\ndata: {k: "9"}\n', '?fieldManager=me');
    expect(conflict.message).toBe('Apply failed with 1 conflict: conflict with "kubectl" using v1: .data.k');
    expect(
      patch('application/apply-patch+yaml', 'apiVersion: v1\nkind: ConfigMap\ndata: {k: "9"}\n', '?fieldManager=me&force=true'),
    ).toMatchObject({ data: { k: '9', z: '3' } });
  });

  test('streams a watch', () => {
    const { send, advance } = createServer();
    const { body } = send('GET', `${path}?watch=1&fieldSelector=metadata.name%3Da`);
    send('POST', path, { body: cm('a') });
    send('POST', path, { body: cm('b') });
    send('DELETE', `${path}/a`);
    advance(10);
    const lines = textOf((body as OpenFile).read(1 << 20)!)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; object: { metadata: { name: string } } });
    expect(lines.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual(['ADDED a', 'DELETED a']);
  });

  test.each([
    { target: '/healthz', text: 'ok' },
    { target: '/readyz', text: 'ok' },
    { target: '/nothing', text: '404 page not found\n' },
  ])('answers $target', ({ target, text }) => expect(createServer().send('GET', target).body).toBe(text));

  test.each([
    { target: '/version', has: { gitVersion: 'v1.34.1' } },
    { target: '/api', has: { kind: 'APIVersions', versions: ['v1'] } },
    { target: '/apis', has: { kind: 'APIGroupList' } },
    { target: '/apis/apps/v1', has: { kind: 'APIResourceList', groupVersion: 'apps/v1' } },
    { target: '/openapi/v3', has: { paths: { 'api/v1': { serverRelativeURL: '/openapi/v3/api/v1' } } } },
    { target: '/openapi/v3/apis/apps/v1', has: { openapi: '3.0.0' } },
  ])('serves $target', ({ target, has }) => expect(bodyOf(createServer().send('GET', target))).toMatchObject(has));
});
