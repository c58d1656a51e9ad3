import { expect, test } from 'vitest';
import { pods } from '../../../api/core/pod.ts';
import { serviceAccounts } from '../../../api/core/service-account.ts';
import { kinds } from '../../../api/kinds.ts';
import type { Kind } from '../../../api/kind.ts';
import { Random } from '../../../kernel/index.ts';
import { createKeyPair } from '../../../machinery/x509/index.ts';
import { createTestControlPlane } from '../testing.ts';

const key = createKeyPair(new Random(5));
const tokenReviews = kinds.find(({ kind }) => kind === 'TokenReview') as Kind;

interface Status {
  readonly authenticated?: boolean;
  readonly error?: string;
  readonly audiences?: readonly string[];
}

/** A token of the account default for ten minutes, bound to the Pod p, and what a review says of it. */
function setUp() {
  const plane = createTestControlPlane({
    authentication: {
      serviceAccounts: { issuer: 'https://x', audiences: ['https://x'], publicKeys: () => [key.publicKey], signingKey: () => key },
    },
  });
  const call = (request: object): unknown => plane.run(plane.admin.call(request as never));
  call({ verb: 'create', kind: serviceAccounts, object: { metadata: { name: 'default', namespace: 'default' } } });
  const spec = { containers: [{ name: 'c', image: 'nginx' }] };
  call({ verb: 'create', kind: pods, object: { metadata: { name: 'p', namespace: 'default' }, spec } });
  const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name: 'p' };
  const object = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 600, boundObjectRef } };
  const asked = { verb: 'create', kind: serviceAccounts, namespace: 'default', name: 'default', subresource: 'token', object };
  const { token } = (call(asked) as { status: { token: string } }).status;
  const review = (audiences?: readonly string[], shown = token): Status =>
    (call({ verb: 'create', kind: tokenReviews, object: { metadata: {}, spec: { token: shown, audiences } } }) as { status: Status })
      .status;
  return { plane, call, review };
}

test('a token proves its account, to whom it is meant for', () => {
  const { review } = setUp();
  expect(review()).toMatchObject({
    authenticated: true,
    audiences: ['https://x'],
    user: { username: 'system:serviceaccount:default:default' },
  });
  expect(review(['vault'])).toEqual({
    user: {},
    error: '[invalid bearer token, token audiences ["https://x"] is invalid for the target audiences ["vault"]]',
  });
  expect(review(undefined, 'x')).toEqual({ user: {}, error: 'invalid bearer token' });
});

test('a token ends with its time', () => {
  const { plane, review } = setUp();
  plane.advance(662_000);
  expect(review().error).toBe('[invalid bearer token, service account token has expired]');
});

test('a token ends with its Pod', () => {
  const { call, review } = setUp();
  call({ verb: 'delete', kind: pods, namespace: 'default', name: 'p', delete: { gracePeriodSeconds: 0 } });
  expect(review().error).toBe('[invalid bearer token, service account token has been invalidated]');
});

test('a token ends with its account', () => {
  const { call, review } = setUp();
  call({ verb: 'delete', kind: serviceAccounts, namespace: 'default', name: 'default' });
  expect(review().error).toBe('[invalid bearer token, serviceaccounts "default" not found]');
});
