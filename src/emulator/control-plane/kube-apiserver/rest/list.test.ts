/** Query parameters of lists and watches, and forms of answers, over HTTP. */
import { expect, test } from 'vitest';
import { type OpenFile, textOf } from '../../../kernel/index.ts';
import type { ByteString, HttpResponse } from '../../../kernel/index.ts';
import { createTestControlPlane } from '../testing.ts';

const plane = createTestControlPlane({ authorization: { authorizers: [{ type: 'AlwaysAllow' }] } });
const peer = { ip: '10.0.0.1', port: 1, isTls: true };
const path = '/api/v1/namespaces/default/configmaps';

function send(target: string, headers: Record<string, string> = {}, method = 'GET', body?: object): HttpResponse {
  return plane.run(plane.endpoint.http({ method, target, headers, body }, peer));
}

const textOfBody = ({ body }: HttpResponse): string => (typeof body === 'string' ? textOf(body as ByteString) : JSON.stringify(body));
const revisionAfter = (name: string): string =>
  (send(path, {}, 'POST', { metadata: { name } }).body as { metadata: { resourceVersion: string } }).metadata.resourceVersion;

const first = revisionAfter('a');
const second = revisionAfter('b');
const third = revisionAfter('c');

interface Body {
  readonly items?: readonly { readonly metadata: { readonly name: string } }[];
  readonly metadata?: { readonly resourceVersion?: string };
  readonly message?: string;
  readonly code?: number;
}

test.each([
  { name: 'the newest', query: '', want: ['a', 'b', 'c'] },
  { name: 'any', query: 'resourceVersion=0', want: ['a', 'b', 'c'] },
  { name: 'not older than', query: `resourceVersion=${first}`, want: ['a', 'b', 'c'] },
  { name: 'not older than, in words', query: `resourceVersion=${first}&resourceVersionMatch=NotOlderThan`, want: ['a', 'b', 'c'] },
  { name: 'exactly', query: `resourceVersion=${second}&resourceVersionMatch=Exact`, want: ['a', 'b'] },
  { name: 'exactly the newest', query: `resourceVersion=${third}&resourceVersionMatch=Exact`, want: ['a', 'b', 'c'] },
  { name: 'a limit with a revision is exact', query: `resourceVersion=${second}&limit=5`, want: ['a', 'b'] },
  { name: 'a limit with any revision is not', query: 'resourceVersion=0&limit=5', want: ['a', 'b', 'c'] },
  { name: 'a limit not older than', query: `resourceVersion=${first}&resourceVersionMatch=NotOlderThan&limit=2`, want: ['a', 'b'] },
  { name: 'a limit below zero is none', query: 'limit=-1', want: ['a', 'b', 'c'] },
])('list: $name', ({ query, want }) => {
  const { items } = send(`${path}?labelSelector=&fieldSelector=metadata.name!%3Dkube-root-ca.crt&${query}`).body as Body;
  expect(items!.map(({ metadata }) => metadata.name)).toEqual(want);
});

const invalidOptions = 'ListOptions.meta.k8s.io "" is invalid: ';

test.each([
  { name: 'no number', query: 'limit=x', code: 400, want: 'strconv.ParseInt: parsing "x": invalid syntax' },
  {
    name: 'too great a number',
    query: 'timeoutSeconds=99999999999999999999',
    code: 400,
    want: 'strconv.ParseInt: parsing "99999999999999999999": value out of range',
  },
  {
    name: 'no revision',
    query: 'resourceVersion=x',
    code: 422,
    want: `${invalidOptions}resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax`,
  },
  {
    name: 'a revision to come',
    query: 'resourceVersion=99999',
    code: 504,
    want: `Timeout: Too large resource version: 99999, current: ${third}`,
  },
  {
    name: 'match without a revision',
    query: 'resourceVersionMatch=Exact',
    code: 422,
    want: `${invalidOptions}resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided`,
  },
  {
    name: 'exactly any',
    query: 'resourceVersion=0&resourceVersionMatch=Exact',
    code: 422,
    want: `${invalidOptions}resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"`,
  },
  {
    name: 'an unknown match',
    query: 'resourceVersion=1&resourceVersionMatch=Near',
    code: 422,
    want: `${invalidOptions}resourceVersionMatch: Unsupported value: "Near": supported values: "", "Exact", "NotOlderThan"`,
  },
  {
    name: 'match and continue',
    query: 'resourceVersion=1&resourceVersionMatch=NotOlderThan&continue=x',
    code: 422,
    want: `${invalidOptions}resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided`,
  },
  {
    name: 'initial events of a list',
    query: 'sendInitialEvents=true',
    code: 422,
    want: `${invalidOptions}sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list`,
  },
  {
    name: 'initial events without a match',
    query: 'watch=1&sendInitialEvents=true',
    code: 422,
    want: `${invalidOptions}resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan`,
  },
  {
    name: 'a match of a plain watch',
    query: 'watch=1&resourceVersionMatch=NotOlderThan&resourceVersion=1',
    code: 422,
    want: `${invalidOptions}resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided`,
  },
  {
    name: 'revision and continue',
    query: 'resourceVersion=5&continue=x',
    code: 400,
    want: 'specifying resource version is not allowed when using continue',
  },
])('refused: $name', ({ query, code, want }) => {
  const response = send(`${path}?${query}`);
  expect(response.status).toBe(code);
  expect((response.body as Body).message).toBe(want);
});

test.each([
  { name: 'create at an object', method: 'POST', target: `${path}/a` },
  { name: 'replace a collection', method: 'PUT', target: path },
  { name: 'a verb that the kind has not', method: 'DELETE', target: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews' },
])('405: $name', ({ method, target }) => {
  const response = send(target, {}, method, {});
  expect(response.status).toBe(405);
  expect((response.body as Body).message).toBe('the server does not allow this method on the requested resource');
});

test.each([
  { name: 'the older Table', accept: 'application/json;as=Table;v=v1beta1;g=meta.k8s.io', want: 'meta.k8s.io/v1beta1' },
  { name: 'metadata alone', accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io', want: 'meta.k8s.io/v1' },
  { name: 'the better of two', accept: 'application/yaml;q=0.5,application/json;as=Table;v=v1;g=meta.k8s.io', want: 'meta.k8s.io/v1' },
  { name: 'what there is', accept: 'application/json;as=Table;v=v9;g=meta.k8s.io,application/json', want: 'v1' },
])('form: $name', ({ accept, want }) => {
  expect(send(path, { accept }).body).toMatchObject({ apiVersion: want });
});

test('406 names what is known', () => {
  const { status, body } = send(path, { accept: 'text/html' });
  expect([status, (body as Body).message]).toEqual([
    406,
    'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  ]);
});

test.each([
  { name: 'a person with curl', target: `${path}/a`, agent: 'curl/8.0', isIndented: true },
  { name: 'a program', target: `${path}/a`, agent: 'kubectl/v1.33', isIndented: false },
  { name: 'who asks for it', target: `${path}/a?pretty=true`, agent: 'kubectl/v1.33', isIndented: true },
  { name: 'who asks not to', target: `${path}/a?pretty=0`, agent: 'curl/8.0', isIndented: false },
  { name: 'everyone, the version', target: '/version', agent: 'kubectl/v1.33', isIndented: true },
])('indented for $name', ({ target, agent, isIndented }) => {
  expect(textOfBody(send(target, { 'user-agent': agent })).includes('\n  "')).toBe(isIndented);
});

test.each([
  { name: 'health', target: '/healthz', want: /^ok$/ },
  { name: 'every check', target: '/readyz?verbose', want: /^\[\+\]ping ok\n(.*\n)*readyz check passed\n$/ },
  { name: 'one check', target: '/livez/etcd', want: /^ok$/ },
  { name: 'all but one', target: '/livez?verbose&exclude=etcd', want: /\[\+\]etcd excluded: ok\n/ },
  {
    name: 'all but one that is not there',
    target: '/livez?verbose&exclude=x',
    want: /warn: some health checks cannot be excluded: no matches for "x"\n/,
  },
  {
    name: 'metrics',
    target: '/metrics',
    want: /apiserver_request_total\{code="201",component="apiserver",dry_run="",group="",resource="configmaps",scope="namespace",subresource="",verb="POST",version="v1"\} 3\n/,
  },
  {
    name: 'the older discovery',
    target: '/apis',
    accept: 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList',
    want: /"apiVersion":"apidiscovery.k8s.io\/v2beta1"/,
  },
])('$target: $name', ({ target, accept = '*/*', want }) => {
  expect(textOfBody(send(target, { accept }))).toMatch(want);
});

test('a watch that begins with the state says where that ends', () => {
  const { body } = send(
    `${path}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion=${third}`,
  );
  plane.advance(1);
  const lines = textOf((body as OpenFile).read(1 << 20)!)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ type }) => type).at(-1)).toBe('BOOKMARK');
  expect(lines.at(-1).object.metadata).toMatchObject({ resourceVersion: third, annotations: { 'k8s.io/initial-events-end': 'true' } });
  (body as OpenFile).closed();
});
