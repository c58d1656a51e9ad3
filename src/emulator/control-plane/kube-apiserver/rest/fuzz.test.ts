/**
 * Requests that were damaged at random: the server answers each as upstream does, with a Status or a plain text of Go's router,
 * and what is stored stays sound. A failure prints the request; the seed makes it again.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { OpenFile, Random, textOf, unixMs, utf8 } from '../../../kernel/index.ts';
import type { ByteString, HttpRequest, HttpResponse } from '../../../kernel/index.ts';
import { CertificateAuthority } from '../../../machinery/x509/index.ts';
import { createTestControlPlane } from '../testing.ts';

const requests = 100_000;
const seed = 20_251_127;

interface Seed {
  readonly method: string;
  readonly target: string;
  readonly type?: string;
  readonly body?: unknown;
}

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', labels: { app: 'x' } },
  spec: {
    containers: [
      {
        name: 'c',
        image: 'nginx',
        ports: [{ containerPort: 80 }],
        env: [{ name: 'A', value: 'b' }],
        resources: { limits: { cpu: '1', memory: '1Gi' } },
        readinessProbe: { httpGet: { path: '/', port: 80 }, periodSeconds: 5 },
      },
    ],
    volumes: [{ name: 'v', emptyDir: {} }],
    tolerations: [{ key: 'a', operator: 'Exists' }],
  },
};
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: { replicas: 2, selector: { matchLabels: { app: 'x' } }, template: { metadata: { labels: { app: 'x' } }, spec: pod.spec } },
};
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 's' },
  spec: { selector: { app: 'x' }, ports: [{ port: 80, targetPort: 'http' }] },
};
const role = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name: 'r' },
  rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
};
const configMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'm', annotations: { a: 'b' } },
  data: { a: '1' },
  binaryData: {},
};
const core = '/api/v1/namespaces/default';
const json = 'application/json';

const seeds: readonly Seed[] = [
  { method: 'POST', target: `${core}/pods`, type: json, body: pod },
  { method: 'POST', target: '/apis/apps/v1/namespaces/default/deployments', type: json, body: deployment },
  { method: 'POST', target: `${core}/services?fieldValidation=Strict`, type: json, body: service },
  { method: 'POST', target: '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles', type: json, body: role },
  { method: 'POST', target: `${core}/configmaps?dryRun=All`, type: json, body: configMap },
  { method: 'POST', target: `${core}/configmaps`, type: 'application/yaml', body: 'kind: ConfigMap\nmetadata:\n  name: y\ndata: {a: b}\n' },
  { method: 'POST', target: '/api/v1/namespaces', type: json, body: { metadata: { generateName: 'n-' } } },
  { method: 'PUT', target: `${core}/configmaps/m`, type: json, body: configMap },
  { method: 'PUT', target: `${core}/pods/p/status`, type: json, body: { ...pod, status: { phase: 'Running', conditions: [] } } },
  {
    method: 'PUT',
    target: '/apis/apps/v1/namespaces/default/deployments/d/scale',
    type: json,
    body: { metadata: { name: 'd' }, spec: { replicas: 3 } },
  },
  { method: 'PATCH', target: `${core}/configmaps/m`, type: 'application/merge-patch+json', body: { data: { a: null, b: '2' } } },
  {
    method: 'PATCH',
    target: `${core}/pods/p`,
    type: 'application/strategic-merge-patch+json',
    body: { spec: { containers: [{ name: 'c', image: 'x' }] } },
  },
  {
    method: 'PATCH',
    target: `${core}/configmaps/m`,
    type: 'application/json-patch+json',
    body: [{ op: 'add', path: '/data/c', value: '3' }],
  },
  { method: 'PATCH', target: `${core}/configmaps/m?fieldManager=f&force=true`, type: 'application/apply-patch+yaml', body: configMap },
  { method: 'DELETE', target: `${core}/configmaps/m`, type: json, body: { propagationPolicy: 'Background', preconditions: { uid: 'u' } } },
  { method: 'DELETE', target: `${core}/pods?labelSelector=app%3Dx&gracePeriodSeconds=0` },
  {
    method: 'POST',
    target: `${core}/pods/p/eviction`,
    type: json,
    body: { metadata: { name: 'p' }, deleteOptions: { gracePeriodSeconds: 0 } },
  },
  { method: 'POST', target: `${core}/pods/p/binding`, type: json, body: { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } } },
  { method: 'POST', target: `${core}/serviceaccounts/default/token`, type: json, body: { spec: { expirationSeconds: 600 } } },
  {
    method: 'POST',
    target: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    type: json,
    body: { spec: { resourceAttributes: { verb: 'get', resource: 'pods' } } },
  },
  { method: 'GET', target: `${core}/pods?limit=2&labelSelector=app+in+(x,y),!z&fieldSelector=status.phase!%3DRunning` },
  { method: 'GET', target: `${core}/configmaps?watch=1&resourceVersion=1&allowWatchBookmarks=true&timeoutSeconds=5` },
  { method: 'GET', target: `${core}/configmaps?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan` },
  { method: 'GET', target: `${core}/configmaps?resourceVersion=5&resourceVersionMatch=Exact&continue=abc` },
  { method: 'GET', target: `${core}/pods/p/log?tailLines=3&container=c` },
  { method: 'GET', target: `${core}/pods/p/exec?command=ls&stdout=1` },
  { method: 'GET', target: `${core}/services/s:80/proxy/a/b?c=d` },
  { method: 'GET', target: '/apis/apps/v1' },
  { method: 'GET', target: '/apis' },
  { method: 'GET', target: '/readyz?verbose&exclude=etcd' },
  { method: 'GET', target: '/metrics' },
];

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'get', ''];
const accepts = [
  'application/json',
  'application/yaml',
  '*/*',
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'application/json;as=Table;v=v9;g=meta.k8s.io',
  'text/html',
  'application/vnd.kubernetes.protobuf',
  'application/json;q=x,,;;=',
];
const types = [
  json,
  'application/yaml',
  'application/merge-patch+json',
  'application/json-patch+json',
  'application/apply-patch+yaml',
  'text/plain',
  '',
];
const fragments = [
  '%',
  '%zz',
  '/',
  '//',
  '..',
  '?',
  '&',
  '=',
  ',',
  '!',
  '\0',
  'é',
  '%F0%9F%98%80',
  'watch=true',
  'limit=-1',
  'a'.repeat(300),
  '%2e%2e%2f',
];
const values: readonly unknown[] = [
  null,
  true,
  -1,
  1e30,
  0.5,
  '',
  'x',
  'Not Valid!',
  '9'.repeat(80),
  [],
  {},
  [null],
  [[]],
  { a: { b: {} } },
  '\0',
  '\ud800',
  'x'.repeat(2000),
];
const keys = [
  'metadata',
  'spec',
  'name',
  'namespace',
  'uid',
  'labels',
  '__proto__',
  'constructor',
  'toString',
  'apiVersion',
  'kind',
  'bogus',
  'status',
  'ownerReferences',
  'finalizers',
  'managedFields',
  'resourceVersion',
  'deletionTimestamp',
  'generateName',
];

class Damage {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  request(): HttpRequest {
    const { method, target, type, body } = this.#pick(seeds);
    const headers: Record<string, string> = { 'user-agent': 'fuzz/1.0' };
    if (type !== undefined) headers['content-type'] = this.#rarely() ? this.#pick(types) : type;
    if (this.#rarely()) headers.accept = this.#pick(accepts);
    if (this.#rarely()) headers['impersonate-user'] = this.#pick(['bob', '', 'system:serviceaccount:a:b']);
    return {
      method: this.#rarely() ? this.#pick(methods) : method,
      target: this.#often() ? this.#text(target) : target,
      headers,
      body: body === undefined && !this.#rarely() ? undefined : this.#body(body),
    };
  }

  #body(body: unknown): ByteString {
    const value = this.#often() ? this.#value(structuredClone(body)) : body;
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
    return this.#rarely() ? (this.#text(text) as ByteString) : utf8(text);
  }

  /** Cuts, doubles or puts something in, somewhere. */
  #text(text: string): string {
    const at = this.#random.below(text.length + 1);
    const to = Math.min(text.length, at + this.#random.below(6));
    switch (this.#random.below(4)) {
      case 0:
        return text.slice(0, at) + text.slice(to);
      case 1:
        return text.slice(0, to) + text.slice(at);
      case 2:
        return text.slice(0, at) + String.fromCharCode(this.#random.below(256)) + text.slice(at + 1);
      default:
        return text.slice(0, at) + this.#pick(fragments) + text.slice(at);
    }
  }

  /** Puts something else somewhere into a value. */
  #value(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || this.#random.below(6) === 0) return this.#pick(values);
    if (Array.isArray(value)) {
      if (value.length === 0 || this.#rarely()) return [...value, this.#pick(values)];
      const at = this.#random.below(value.length);
      return value.map((item, i) => (i === at ? this.#value(item) : item));
    }
    const object = value as Record<string, unknown>;
    const known = Object.keys(object);
    if (known.length === 0 || this.#rarely()) {
      // As JSON would have it: an own property, whatever its name.
      return Object.fromEntries([...Object.entries(object), [this.#pick(keys), this.#pick(values)]]);
    }
    const key = this.#pick(known);
    return { ...object, [key]: this.#value(object[key]) };
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#random.below(list.length)]!;
  }

  readonly #often = (): boolean => this.#random.below(2) === 0;
  readonly #rarely = (): boolean => this.#random.below(8) === 0;
}

const known = new Set([200, 201, 202, 301, 400, 401, 403, 404, 405, 406, 409, 410, 413, 415, 422, 429, 500, 503, 504]);

/** What is wrong with an answer; undefined when nothing is. */
function problemOf({ status, headers, body }: HttpResponse): string | undefined {
  if (!known.has(status)) return `status ${status}`;
  if (body instanceof OpenFile) return status === 200 ? undefined : 'a stream that failed';
  const text = typeof body === 'string' ? textOf(body as ByteString) : JSON.stringify(body);
  if (/\bat \S+ \(|\.ts:\d+|TypeError|RangeError|ReferenceError|\[object |undefined|NaN/.test(text) && status >= 400)
    return text.slice(0, 300);
  if (status < 400) return undefined;
  if (headers['content-type']?.startsWith('text/plain'))
    return /^(404 page not found|\[[+-]\])/.test(text) || status === 406 ? undefined : `plain ${text}`;
  if (typeof body === 'string') return headers['content-type'] === 'application/yaml' ? undefined : text.slice(0, 300);
  const { kind, code, message, status: outcome } = body as { kind?: string; code?: number; message?: string; status?: string };
  if (kind !== 'Status' || code !== status || outcome !== 'Failure' || !message) return JSON.stringify(body).slice(0, 300);
  // No network and no kubelet are there; nothing else may be the server's own fault.
  if (status === 500 && !/no network|no preferred addresses|does not sign tokens|no such host/.test(message)) return message;
  return undefined;
}

function judge(
  send: (request: HttpRequest) => HttpResponse,
  request: HttpRequest,
): { response?: HttpResponse; problem: string | undefined } {
  try {
    const response = send(request);
    const problem = problemOf(response);
    return { response, problem: problem && `answered ${response.status}: ${problem}` };
  } catch (error) {
    return { problem: error instanceof Error ? `threw ${error.stack?.split('\n').slice(0, 4).join('\n')}` : String(error) };
  }
}

function heapUsed(): number {
  setFlagsFromString('--expose_gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

test(`${requests} damaged requests`, () => {
  const random = new Random(seed);
  const authority = new CertificateAuthority(random, 'kubernetes', unixMs(2025, 9, 1));
  const certificate = authority.issue({
    subject: { commonName: 'a', organizations: ['system:masters'] },
    usages: ['client auth'],
    notBeforeMs: unixMs(2025, 9, 1),
  });
  const plane = createTestControlPlane({ authentication: { clientCA: { authorities: [authority.certificate] } } });
  const peer = { ip: '10.0.0.1', port: 1, isTls: true, certificate };
  const send = (request: HttpRequest): HttpResponse => plane.run(plane.endpoint.http(request, peer));
  const get = (target: string) => send({ method: 'GET', target, headers: {} }).body as { items: { metadata: { name: string } }[] };
  send({ method: 'POST', target: '/api/v1/namespaces', headers: {}, body: { metadata: { name: 'safe' } } });
  const untouched = '/api/v1/namespaces/safe/configmaps/untouched';
  send({
    method: 'POST',
    target: '/api/v1/namespaces/safe/configmaps',
    headers: {},
    body: { metadata: { name: 'untouched' }, data: { a: 'b' } },
  });
  const before = { object: JSON.stringify(get(untouched)), heap: heapUsed() };

  const damage = new Damage(random);
  const codes = new Map<number, number>();
  const problems = new Set<string>();
  for (let i = 0; i < requests; i++) {
    const request = damage.request();
    const { response, problem } = judge(send, request);
    if (problem !== undefined) problems.add(`request ${i}: ${JSON.stringify(request)}\n  ${problem}`);
    if (problems.size >= 5) break;
    if (!response) continue;
    if (response.body instanceof OpenFile) response.body.closed();
    codes.set(response.status, (codes.get(response.status) ?? 0) + 1);
  }
  expect([...problems].join('\n'), `seed ${seed}`).toBe('');
  // The damage is neither so great nor so small that nothing is learnt.
  for (const code of [200, 201, 400, 404, 405, 409, 415, 422]) expect(codes.get(code) ?? 0, `answers ${code}`).toBeGreaterThan(100);

  expect(plane.server.watches.size).toBe(0);
  expect(JSON.stringify(get(untouched))).toBe(before.object);
  for (const { store, resource, descriptor } of plane.server.registry.all) {
    for (const { value } of store?.list('') ?? []) {
      const { metadata } = value as { metadata: { name: unknown; uid: unknown; resourceVersion: unknown; namespace?: unknown } };
      expect([typeof metadata.name, typeof metadata.uid, typeof metadata.resourceVersion], resource).toEqual([
        'string',
        'string',
        'string',
      ]);
      expect(typeof metadata.namespace === 'string', resource).toBe(descriptor.isNamespaced);
    }
  }
  for (const target of ['pods', 'configmaps', 'services'])
    for (const { metadata } of get(`${core}/${target}`).items)
      send({ method: 'DELETE', target: `${core}/${target}/${metadata.name}?gracePeriodSeconds=0`, headers: {} });
  plane.advance(3_600_000);
  expect(heapUsed() - before.heap, 'bytes that are not given back').toBeLessThan(64 << 20);
}, 240_000);
