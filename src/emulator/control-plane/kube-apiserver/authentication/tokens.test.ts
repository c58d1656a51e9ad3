import { describe, expect, test } from 'vitest';
import { secrets } from '../../../api/core/secret.ts';
import { serviceAccounts } from '../../../api/core/service-account.ts';
import type { Kind } from '../../../api/kind.ts';
import { base64, Random, utf8 } from '../../../kernel/index.ts';
import { formatTime } from '../../../kernel/time.ts';
import { signJwt } from '../../../machinery/jwt/index.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import { createKeyPair } from '../../../machinery/x509/index.ts';
import { createTestControlPlane } from '../testing.ts';
import { readTokenFile } from './static-token.ts';

describe('a token file', () => {
  test('has users with groups', () => {
    const warnings: string[] = [];
    const users = readTokenFile('t1,ann,u1,"devs,qa"\n\nt2,"bo ""b""",u2\n,x,y\nt2,bo,u3\n', '/t.csv', (text) => warnings.push(text));
    expect([...users]).toEqual([
      ['t1', { name: 'ann', uid: 'u1', groups: ['devs', 'qa', 'system:authenticated'] }],
      ['t2', { name: 'bo', uid: 'u3', groups: ['system:authenticated'] }],
    ]);
    expect(warnings).toEqual([
      "empty token has been found in token file '/t.csv', record number '3'",
      "duplicate token has been found in token file '/t.csv', record number '4'",
    ]);
  });

  test('needs three columns', () => {
    expect(() => readTokenFile('t1,ann\n', '/t.csv', () => {})).toThrow(
      "token file '/t.csv' must have at least 3 columns (token, user name, user uid), found 2",
    );
  });
});

describe('a bootstrap token', () => {
  const token = 'abcdef.0123456789abcdef';
  const good = { 'token-id': 'abcdef', 'token-secret': '0123456789abcdef', 'usage-bootstrap-authentication': 'true' };
  const cases: readonly {
    readonly name: string;
    readonly data?: object;
    readonly type?: string;
    readonly token?: string;
    readonly want: string;
  }[] = [
    { name: 'that is right', want: 'system:bootstrap:abcdef of system:bootstrappers,system:authenticated' },
    {
      name: 'with groups of its own',
      data: { 'auth-extra-groups': 'system:bootstrappers:kubeadm:default-node-token' },
      want: 'system:bootstrap:abcdef of system:bootstrappers,system:bootstrappers:kubeadm:default-node-token,system:authenticated',
    },
    { name: 'with a group that it may not give', data: { 'auth-extra-groups': 'system:masters' }, want: 'Unauthorized' },
    { name: 'with another secret part', token: 'abcdef.0123456789abcdee', want: 'Unauthorized' },
    { name: 'of another id', token: 'abcdeg.0123456789abcdef', want: 'Unauthorized' },
    { name: 'that is not for this', data: { 'usage-bootstrap-authentication': 'false' }, want: 'Unauthorized' },
    { name: 'that has expired', data: { expiration: '2020-01-01T00:00:00Z' }, want: 'Unauthorized' },
    { name: 'whose end is no time', data: { expiration: 'soon' }, want: 'Unauthorized' },
    { name: 'in a Secret of another type', type: 'Opaque', want: 'Unauthorized' },
  ];

  function planeWith(data: object, type = 'bootstrap.kubernetes.io/token') {
    const plane = createTestControlPlane({ authentication: { allowsBootstrapTokens: true } });
    const encoded = Object.fromEntries(Object.entries({ ...good, ...data }).map(([key, value]) => [key, base64(utf8(String(value)))]));
    const object = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'bootstrap-token-abcdef', namespace: 'kube-system' },
      type,
      data: encoded,
    };
    plane.run(plane.admin.call({ verb: 'create', kind: secrets, namespace: 'kube-system', object }));
    const who = (shown = token): string => {
      try {
        const { name, groups } = plane.server.authenticator.authenticate({ type: 'token', token: shown }).user;
        return `${name} of ${groups.join()}`;
      } catch (error) {
        return (error as Error).message;
      }
    };
    return { ...plane, who };
  }

  test.each(cases)('$name', ({ data = {}, type, token: shown, want }) => {
    expect(planeWith(data, type).who(shown)).toBe(want);
  });

  test('ends at its expiration, and with its Secret', () => {
    const nowMs = createTestControlPlane().kernel.clock.unixMs;
    const { who, advance, admin, run } = planeWith({ expiration: formatTime(nowMs + 60_000) });
    expect(who()).toContain('system:bootstrap:abcdef');
    advance(61_000);
    expect(who()).toBe('Unauthorized');
    const lasting = planeWith({});
    expect(lasting.who()).toContain('system:bootstrap:abcdef');
    lasting.run(lasting.admin.call({ verb: 'delete', kind: secrets, namespace: 'kube-system', name: 'bootstrap-token-abcdef' }));
    expect(lasting.who()).toBe('Unauthorized');
    run(admin.call({ verb: 'delete', kind: secrets, namespace: 'kube-system', name: 'bootstrap-token-abcdef' }));
  });
});

describe('the token of a Secret', () => {
  const key = createKeyPair(new Random(7));
  const claims = (more: object = {}): object => ({
    iss: 'kubernetes/serviceaccount',
    'kubernetes.io/serviceaccount/namespace': 'default',
    'kubernetes.io/serviceaccount/secret.name': 'robot',
    'kubernetes.io/serviceaccount/service-account.name': 'robot',
    sub: 'system:serviceaccount:default:robot',
    ...more,
  });

  function setUp() {
    const trust = { issuer: 'https://issuer', audiences: ['https://issuer'], publicKeys: () => [key.publicKey], signingKey: () => key };
    const plane = createTestControlPlane({ authentication: { serviceAccounts: trust } });
    const make = (kind: Kind, object: object): ApiObject =>
      plane.run(
        plane.admin.call({
          verb: 'create',
          kind,
          namespace: 'default',
          object: { apiVersion: 'v1', kind: kind.kind, metadata: { name: 'robot', namespace: 'default' }, ...object } as never,
        }),
      ) as ApiObject;
    const { uid } = make(serviceAccounts as never, {}).metadata;
    const token = signJwt(claims({ 'kubernetes.io/serviceaccount/service-account.uid': uid }) as never, key);
    const hold = (held: string): ApiObject => make(secrets as never, { data: { token: base64(utf8(held)) } });
    const user = (shown: string): string => {
      try {
        return plane.server.authenticator.authenticate({ type: 'token', token: shown }).user.name;
      } catch (error) {
        return (error as Error).message;
      }
    };
    const remove = (kind: Kind): void => void plane.run(plane.admin.call({ verb: 'delete', kind, namespace: 'default', name: 'robot' }));
    return { token, uid, hold, user, remove };
  }

  test('is good for as long as it lies there', () => {
    const { token, hold, user, remove } = setUp();
    expect(user(token)).toBe('Unauthorized');
    hold(token);
    expect(user(token)).toBe('system:serviceaccount:default:robot');
    remove(secrets as never);
    expect(user(token)).toBe('Unauthorized');
  });

  test('ends with its account', () => {
    const { token, hold, user, remove } = setUp();
    hold(token);
    expect(user(token)).toBe('system:serviceaccount:default:robot');
    remove(serviceAccounts as never);
    expect(user(token)).toBe('Unauthorized');
  });

  test.each([
    { name: 'that says another account', more: { sub: 'system:serviceaccount:default:admin' }, by: key },
    { name: 'of an account of another UID', more: { 'kubernetes.io/serviceaccount/service-account.uid': 'x' }, by: key },
    { name: 'that another key signed', more: {}, by: createKeyPair(new Random(8)) },
  ])('$name proves nothing', ({ more, by }) => {
    const { uid, hold, user } = setUp();
    const forged = signJwt(claims({ 'kubernetes.io/serviceaccount/service-account.uid': uid, ...more }) as never, by);
    hold(forged);
    expect(user(forged)).toBe('Unauthorized');
  });
});
