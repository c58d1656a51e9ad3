import { describe, expect, test } from 'vitest';
import { clusterRoleBindings } from '../../../api/rbac/role-binding.ts';
import { clusterRoles } from '../../../api/rbac/role.ts';
import type { Kind } from '../../../api/kind.ts';
import type { Call, HttpRequest, HttpResponse } from '../../../kernel/index.ts';
import { base64, Errno, noBytes, textOf, utf8 } from '../../../kernel/index.ts';
import type { ByteString } from '../../../kernel/index.ts';
import { CertificateAuthority } from '../../../machinery/x509/index.ts';
import { createTestControlPlane } from '../testing.ts';
import type { WebhookSettings } from './configuration.ts';
import { compileCondition } from './match-conditions.ts';
import type { Condition } from './match-conditions.ts';

interface Review {
  readonly apiVersion: string;
  readonly spec: { readonly user: string; readonly resourceAttributes?: { readonly resource: string } };
}
type Says = object | 'refused' | number;

/** A server whose webhook stands before RBAC, and what it was asked. */
function setUp(says: (review: Review) => Says, more: Partial<WebhookSettings> = {}) {
  const asked: Review[] = [];
  let certificate = '';
  const net = {
    *connect() {
      return { service: { isTls: true, certificate: () => certificate }, close() {} };
    },
    *request(_to: unknown, { body }: HttpRequest): Call<HttpResponse> {
      asked.push(body as Review);
      const answer = says(body as Review);
      if (answer === 'refused') throw new Errno('ECONNREFUSED');
      if (typeof answer === 'number') return { status: answer, headers: {}, body: utf8('no') };
      return { status: 200, headers: {}, body: { ...(body as Review), status: answer } };
    },
  };
  const backend = { url: 'https://10.0.0.7:8443/authorize', caBundle: '' };
  const webhook: WebhookSettings = {
    name: 'house',
    backend,
    timeoutMs: 3000,
    allowMs: 300_000,
    denyMs: 30_000,
    version: 'v1',
    failurePolicy: 'NoOpinion',
    conditions: [],
    ...more,
  };
  const plane = createTestControlPlane({
    net: net as never,
    authentication: { staticTokens: new Map(['ann', 'bo'].map((name) => [name, { name, uid: 'u', groups: ['devs'] }])) },
    authorization: { authorizers: [{ type: 'Webhook', webhook }, { type: 'Node' }, { type: 'RBAC' }] },
  });
  const { kernel } = plane;
  const authority = new CertificateAuthority(kernel.random, 'house', kernel.clock.unixMs);
  backend.caBundle = base64(utf8(authority.certificate.pem));
  certificate = authority.issue({
    subject: { commonName: 'x' },
    usages: ['server auth'],
    ips: ['10.0.0.7'],
    notBeforeMs: kernel.clock.unixMs,
  }).pem;
  const make = (kind: Kind, object: object): void => void plane.run(plane.admin.call({ verb: 'create', kind, object }));
  make(clusterRoles as unknown as Kind, { metadata: { name: 'pods' }, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }] });
  make(clusterRoleBindings as unknown as Kind, {
    metadata: { name: 'pods' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'pods' },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'ann' }],
  });
  const get = (user: string, target: string, body?: object): string => {
    const answer = plane.run(
      plane.endpoint.http(
        {
          method: body ? 'POST' : 'GET',
          target,
          headers: { authorization: `Bearer ${user}`, 'content-type': 'application/json' },
          body: body ? utf8(JSON.stringify(body)) : noBytes,
        },
        { ip: '10.0.0.9', port: 1, isTls: true, certificate: undefined },
      ),
    );
    const { status, body: content } = answer;
    if (typeof content === 'string') return `${status} ${textOf(content as ByteString)}`;
    const { message = '', status: inner } = content as { readonly message?: string; readonly status?: object | string };
    return `${status} ${message || (typeof inner === 'object' ? JSON.stringify(inner) : '')}`;
  };
  return { plane, asked, get };
}

const pods = '/api/v1/pods';
const secrets = '/api/v1/secrets';
const down = 'Post "https://10.0.0.7:8443/authorize?timeout=3s": dial tcp 10.0.0.7:8443: connect: connection refused';

describe('a webhook before RBAC', () => {
  test.each([
    { name: 'allows what RBAC would not', says: { allowed: true }, path: secrets, want: '200 ' },
    {
      name: 'denies what RBAC would allow',
      says: { allowed: false, denied: true, reason: 'not today' },
      path: pods,
      want: '403 pods is forbidden: User "ann" cannot list resource "pods" in API group "" at the cluster scope: not today',
    },
    { name: 'leaves it to RBAC, which allows', says: { allowed: false }, path: pods, want: '200 ' },
    {
      name: 'leaves it to RBAC, which does not',
      says: { allowed: false, reason: 'never heard of it' },
      path: secrets,
      want: '403 secrets is forbidden: User "ann" cannot list resource "secrets" in API group "" at the cluster scope: never heard of it',
    },
    { name: 'is down, and RBAC allows', says: 'refused' as const, path: pods, want: '200 ' },
    {
      name: 'is down, and RBAC does not',
      says: 'refused' as const,
      path: secrets,
      want: `500 Internal Server Error: "/api/v1/secrets": ${down}\n`,
    },
    {
      name: 'is down, and that is a no',
      says: 'refused' as const,
      path: pods,
      more: { failurePolicy: 'Deny' },
      want: `500 Internal Server Error: "/api/v1/pods": ${down}\n`,
    },
    {
      name: 'says both',
      says: { allowed: true, denied: true },
      path: pods,
      want: '500 Internal Server Error: "/api/v1/pods": webhook subject access review returned both allow and deny response\n',
    },
  ])('$name', ({ says, path, want, more }) => {
    const { get } = setUp(() => says, more);
    expect(get('ann', path)).toBe(want);
  });

  test('is asked who wants what, in the version that it wants', () => {
    const { asked, get } = setUp(() => ({ allowed: true }));
    get('ann', '/api/v1/namespaces/shop/pods?fieldSelector=spec.nodeName%3Dnode-1');
    expect(asked).toEqual([
      {
        kind: 'SubjectAccessReview',
        apiVersion: 'authorization.k8s.io/v1',
        metadata: {},
        spec: {
          resourceAttributes: {
            namespace: 'shop',
            verb: 'list',
            version: 'v1',
            resource: 'pods',
            fieldSelector: { requirements: [{ key: 'spec.nodeName', operator: 'In', values: ['node-1'] }] },
          },
          user: 'ann',
          groups: ['devs'],
          uid: 'u',
        },
        status: { allowed: false },
      },
    ]);
    const old = setUp(() => ({ allowed: true }), { version: 'v1beta1' });
    old.get('ann', '/metrics');
    expect(old.asked.map(({ apiVersion, spec }) => [apiVersion, spec])).toEqual([
      [
        'authorization.k8s.io/v1beta1',
        { nonResourceAttributes: { path: '/metrics', verb: 'get' }, user: 'ann', uid: 'u', group: ['devs'] },
      ],
    ]);
  });

  test('is asked once, until its answer is too old', () => {
    const { asked, get, plane } = setUp(({ spec }) => ({ allowed: spec.user === 'ann' }));
    for (const user of ['ann', 'ann', 'bo', 'bo']) get(user, secrets);
    expect(asked).toHaveLength(2);
    plane.advance(31_000);
    for (const user of ['ann', 'bo']) get(user, secrets);
    expect(asked).toHaveLength(3);
    plane.advance(300_000);
    get('ann', secrets);
    expect(asked).toHaveLength(4);
  });

  test('is asked again when it fails, five times at most', () => {
    const { asked, get } = setUp(() => 503);
    expect(get('ann', secrets)).toContain('500 Internal Server Error: "/api/v1/secrets": an error on the server');
    expect(asked).toHaveLength(5);
    const once = setUp(() => 404);
    once.get('ann', secrets);
    expect(once.asked).toHaveLength(1);
  });

  const condition = (source: string): Condition => compileCondition(source) as Condition;
  const isResource = condition('has(request.resourceAttributes)');
  const isNoPod = condition("request.resourceAttributes.resource != 'pods'");
  test.each([
    { name: 'all are true', path: secrets, conditions: [isResource, isNoPod], isAsked: true, want: '200' },
    { name: 'one is false', path: pods, conditions: [isResource, isNoPod], isAsked: false, want: '200' },
    { name: 'one is false and one fails', path: '/metrics', conditions: [isNoPod, isResource], isAsked: false, want: '403' },
    { name: 'one fails', path: '/metrics', conditions: [isNoPod], isAsked: false, want: '500' },
  ])('is asked under conditions: $name', ({ path, conditions, isAsked, want }) => {
    const { asked, get } = setUp(() => ({ allowed: true }), { conditions });
    expect(get('ann', path).slice(0, 3)).toBe(want);
    expect(asked.length > 0).toBe(isAsked);
  });

  test('shows in reviews: what it denies, what went wrong, and that its rules cannot be listed', () => {
    const review = (kind: string, spec: object): [string, object] => [
      `/apis/authorization.k8s.io/v1/${kind.toLowerCase()}s`,
      { apiVersion: 'authorization.k8s.io/v1', kind, spec },
    ];
    const isAsking = ({ spec }: Review): boolean => spec.resourceAttributes?.resource.endsWith('reviews') === true;
    const { get } = setUp((asked) => (isAsking(asked) ? { allowed: true } : { allowed: false, denied: true, reason: 'not today' }));
    const pod = { resourceAttributes: { verb: 'get', resource: 'pods', version: 'v1' } };
    expect(get('ann', ...review('SelfSubjectAccessReview', pod))).toBe('201 {"allowed":false,"denied":true,"reason":"not today"}');
    expect(get('ann', ...review('SelfSubjectRulesReview', { namespace: 'default' }))).toContain(
      '"incomplete":true,"evaluationError":"webhook authorizer does not support user rule resolution"',
    );
    const broken = setUp((asked) => (isAsking(asked) ? { allowed: true } : 'refused'));
    expect(broken.get('ann', ...review('SelfSubjectAccessReview', pod))).toBe(
      `201 ${JSON.stringify({ allowed: false, evaluationError: down })}`,
    );
  });

  test('asks nobody about the group of masters', () => {
    const { asked } = setUp(() => ({ denied: true }));
    expect(asked).toEqual([]);
  });
});
