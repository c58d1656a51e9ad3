import { describe, expect, test } from 'vitest';
import { secrets } from '../../../api/core/secret.ts';
import { serviceAccounts } from '../../../api/core/service-account.ts';
import type { Secret } from '../../../api/generated/types.ts';
import { fromBase64, Random, textOf } from '../../../kernel/index.ts';
import { verifyJwt } from '../../../machinery/jwt/index.ts';
import { createKeyPair } from '../../../machinery/x509/index.ts';
import type { ControllerTest } from '../testing.ts';
import { createControllerTest } from '../testing.ts';
import { serviceAccountTokenController } from './index.ts';

const key = createKeyPair(new Random(1));
const type = 'kubernetes.io/service-account-token';
const names = 'kubernetes.io/service-account.name';

function setUp(): ControllerTest {
  const t = createControllerTest([serviceAccountTokenController], { tokenKey: () => key });
  t.create(serviceAccounts, { metadata: { name: 'robot' } });
  t.settle();
  return t;
}

function make(t: ControllerTest, more: object = {}): void {
  t.create(secrets, { metadata: { name: 'robot-token', annotations: { [names]: 'robot' } }, type, ...more });
  t.settle();
}

const find = (t: ControllerTest): Secret | undefined => t.list(secrets).find(({ metadata }) => metadata?.name === 'robot-token');
const text = (secret: Secret, entry: string): string => textOf(fromBase64(secret.data?.[entry] ?? '')!);

describe('a Secret for a token', () => {
  test('is filled in', () => {
    const t = setUp();
    make(t);
    const secret = find(t)!;
    const { uid } = t.get(serviceAccounts, 'robot').metadata!;
    expect(secret.metadata?.annotations).toEqual({ [names]: 'robot', 'kubernetes.io/service-account.uid': uid });
    expect([text(secret, 'namespace'), text(secret, 'ca.crt')]).toEqual(['default', 'the CA']);
    expect(verifyJwt(text(secret, 'token'), [key.publicKey])).toEqual({
      iss: 'kubernetes/serviceaccount',
      'kubernetes.io/serviceaccount/namespace': 'default',
      'kubernetes.io/serviceaccount/secret.name': 'robot-token',
      'kubernetes.io/serviceaccount/service-account.name': 'robot',
      'kubernetes.io/serviceaccount/service-account.uid': uid,
      sub: 'system:serviceaccount:default:robot',
    });
  });

  test('keeps what it holds, and gets a new token when somebody takes the old one out', () => {
    const t = setUp();
    make(t, { data: { 'ca.crt': 'b2xk', extra: 'eA==' } });
    const before = find(t)!;
    expect([text(before, 'ca.crt'), before.data?.extra]).toEqual(['the CA', 'eA==']);
    t.change(secrets, 'robot-token', (secret) => ({ ...secret, data: { ...secret.data, token: '' } }));
    t.settle();
    expect(text(find(t)!, 'token')).toMatch(/^ey/);
    const { resourceVersion } = find(t)!.metadata!;
    t.restart();
    t.settle();
    expect(find(t)!.metadata!.resourceVersion).toBe(resourceVersion);
  });

  test.each([
    { name: 'of nobody', annotations: { [names]: 'nobody' } },
    { name: 'of another account of that name', annotations: { [names]: 'robot', 'kubernetes.io/service-account.uid': 'gone' } },
  ])('$name is deleted', ({ annotations }) => {
    const t = setUp();
    make(t, { metadata: { name: 'robot-token', annotations } });
    expect(find(t)).toBeUndefined();
  });

  test('goes with its account, and from its account', () => {
    const t = setUp();
    make(t);
    t.change(serviceAccounts, 'robot', (account) => ({ ...account, secrets: [{ name: 'robot-token' }, { name: 'other' }] }));
    t.delete(secrets, 'robot-token');
    t.settle();
    expect(t.get(serviceAccounts, 'robot').secrets).toEqual([{ name: 'other' }]);
    make(t);
    t.delete(serviceAccounts, 'robot');
    t.settle();
    expect(find(t)).toBeUndefined();
  });

  test('of another type is left alone', () => {
    const t = setUp();
    make(t, { type: 'Opaque' });
    expect(find(t)!.data).toBeUndefined();
  });
});

test('without a key nothing is filled in', () => {
  const t = createControllerTest([serviceAccountTokenController]);
  t.create(serviceAccounts, { metadata: { name: 'robot' } });
  make(t);
  expect(find(t)!.data).toBeUndefined();
});
