import { describe, expect, test } from 'vitest';
import { Random, textOf, unixMs, utf8 } from '../../kernel/index.ts';
import type { ByteString, HttpResponse } from '../../kernel/index.ts';
import { CertificateAuthority } from '../../machinery/x509/index.ts';
import type { Kind } from '../../api/kind.ts';
import { kinds } from '../../api/kinds.ts';
import { createTestControlPlane } from './testing.ts';

const authority = new CertificateAuthority(new Random(3), 'kubernetes', unixMs(2025, 9, 1));
const tokens = new Map([['tok', { name: 'ann', groups: ['system:authenticated'] }]]);

function setUp() {
  const plane = createTestControlPlane({
    authentication: { clientCA: { authorities: [authority.certificate] }, staticTokens: tokens },
  });
  const make = (kind: string, object: object): void => {
    const found = kinds.find((candidate) => candidate.kind === kind) as Kind;
    plane.run(plane.admin.call({ verb: 'create', kind: found, object }));
  };
  make('ClusterRole', {
    metadata: { name: 'scopes' },
    rules: [
      { apiGroups: [''], resources: ['users'], verbs: ['impersonate'] },
      { apiGroups: ['authentication.k8s.io'], resources: ['userextras/scopes'], resourceNames: ['view'], verbs: ['impersonate'] },
    ],
  });
  make('ClusterRoleBinding', {
    metadata: { name: 'scopes' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'scopes' },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'eve' }],
  });
  const send = (user: string | undefined, headers: Record<string, string>, days = 0): HttpResponse => {
    const certificate =
      user === undefined
        ? undefined
        : authority.issue({
            subject: { commonName: user, organizations: user === 'root' ? ['system:masters'] : [] },
            usages: ['client auth'],
            notBeforeMs: unixMs(2025, 9, 1) - days * 86_400_000,
            notAfterMs: unixMs(2025, 9, 2) - days * 86_400_000,
          });
    return plane.run(
      plane.endpoint.http(
        {
          method: 'POST',
          target: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
          headers: { 'content-type': 'application/json', ...headers },
          body: utf8(JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: { name: 'x' } })),
        },
        { ip: '10.0.0.9', port: 1, isTls: true, certificate },
      ),
    );
  };
  return { plane, send };
}

const bodyOf = ({ body }: HttpResponse) =>
  (typeof body === 'string' ? JSON.parse(textOf(body as ByteString)) : body) as {
    message?: string;
    metadata: { name?: string; creationTimestamp?: string };
    status: { userInfo: object };
  };

describe('impersonation', () => {
  test.each([
    {
      name: 'a user is authenticated',
      headers: { 'impersonate-user': 'jane' },
      want: { username: 'jane', groups: ['system:authenticated'] },
    },
    {
      name: 'nobody stays nobody',
      headers: { 'impersonate-user': 'system:anonymous', 'impersonate-group': 'system:authenticated' },
      want: { username: 'system:anonymous', groups: ['system:authenticated', 'system:unauthenticated'] },
    },
    {
      name: 'an account is in its groups',
      headers: { 'impersonate-user': 'system:serviceaccount:shop:web' },
      want: {
        username: 'system:serviceaccount:shop:web',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:shop', 'system:authenticated'],
      },
    },
    {
      name: 'a UID and more',
      headers: {
        'impersonate-user': 'jane',
        'impersonate-uid': '77',
        'impersonate-extra-scopes': 'view, edit',
        'impersonate-extra-acme.com%2fproject': 'ovens',
      },
      want: {
        username: 'jane',
        uid: '77',
        groups: ['system:authenticated'],
        extra: { scopes: ['view', 'edit'], 'acme.com/project': ['ovens'] },
      },
    },
  ])('$name', ({ headers, want }) => {
    const { send } = setUp();
    const { status } = bodyOf(send('root', headers as unknown as Record<string, string>));
    expect(status.userInfo).toEqual(want);
  });

  test.each([
    { name: 'an extra that is granted', headers: { 'impersonate-extra-scopes': 'view' }, want: [201, undefined] },
    {
      name: 'another value of it',
      headers: { 'impersonate-extra-scopes': 'edit' },
      want: [
        403,
        'userextras.authentication.k8s.io "edit" is forbidden: User "eve" cannot impersonate resource "userextras/scopes" in API group "authentication.k8s.io" at the cluster scope',
      ],
    },
    {
      name: 'a UID',
      headers: { 'impersonate-uid': '1' },
      want: [
        403,
        'uids.authentication.k8s.io "1" is forbidden: User "eve" cannot impersonate resource "uids" in API group "authentication.k8s.io" at the cluster scope',
      ],
    },
  ])('each extra is a right of its own: $name', ({ headers, want }) => {
    const { send } = setUp();
    const answer = send('eve', { 'impersonate-user': 'jane', ...(headers as unknown as Record<string, string>) });
    expect([answer.status, bodyOf(answer).message]).toEqual(want);
  });

  test('groups without a user are a mistake', () => {
    const { send } = setUp();
    const { status, body, headers } = send('root', { 'impersonate-group': 'g' });
    expect([status, headers['content-type'], textOf(body as ByteString)]).toEqual([
      500,
      'text/plain; charset=utf-8',
      'Internal Server Error: "/apis/authentication.k8s.io/v1/selfsubjectreviews": requested [{Group  g    }] without impersonating a user\n',
    ]);
  });
});

test('whoever is said to be unauthenticated may not even ask who they are', () => {
  const { send } = setUp();
  expect(send('root', { 'impersonate-user': 'jane', 'impersonate-group': 'system:unauthenticated' }).status).toBe(403);
});

describe('whoever shows a certificate and a token', () => {
  const bearer = { authorization: 'Bearer tok' };
  test.each([
    { name: 'is whom the certificate names', user: 'eve', days: 0, want: 'eve' },
    { name: 'is whom the token names when the certificate has expired', user: 'eve', days: 9, want: 'ann' },
    { name: 'without a certificate is whom the token names', user: undefined, days: 0, want: 'ann' },
  ])('$name', ({ user, days, want }) => {
    const { send } = setUp();
    expect(bodyOf(send(user, bearer, days)).status.userInfo).toMatchObject({ username: want });
  });
});

test('a SelfSubjectReview says when it was answered, and nothing of what was sent', () => {
  const { send } = setUp();
  expect(bodyOf(send('eve', {})).metadata).toEqual({ creationTimestamp: '2025-09-01T00:00:00Z' });
});
