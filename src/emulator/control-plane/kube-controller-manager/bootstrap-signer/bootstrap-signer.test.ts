import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { configMaps } from '../../../api/core/config-map.ts';
import { secrets } from '../../../api/core/secret.ts';
import type { ControllerTest } from '../testing.ts';
import { createControllerTest } from '../testing.ts';
import { tokenCleaner } from '../token-cleaner/index.ts';
import { bootstrapSigner } from './index.ts';

const content = 'apiVersion: v1\nkind: Config\n';

function setUp(): ControllerTest {
  const t = createControllerTest([bootstrapSigner, tokenCleaner]);
  t.create(configMaps, {
    metadata: { namespace: 'kube-public', name: 'cluster-info' },
    data: { kubeconfig: content, 'jws-kubeconfig-aaaaaa': 'old' },
  });
  t.settle();
  return t;
}

const at = (t: ControllerTest, ms: number): string => new Date(t.kernel.clock.unixMs + ms).toISOString().replace(/\.\d+Z/, 'Z');

function token(t: ControllerTest, id: string, more: Readonly<Record<string, string>> = {}, name = `bootstrap-token-${id}`): void {
  const stringData = { 'token-id': id, 'token-secret': '0123456789abcdef', 'usage-bootstrap-signing': 'true', ...more };
  t.create(secrets, { metadata: { namespace: 'kube-system', name }, type: 'bootstrap.kubernetes.io/token', stringData });
  t.settle();
}

const signatures = (t: ControllerTest) => {
  const { kubeconfig, ...others } = t.get(configMaps, 'cluster-info', 'kube-public').data!;
  expect(kubeconfig).toBe(content);
  return others;
};

/** RFC 7515 by another hand. */
function jws(id: string, text = content): string {
  const url = (value: string): string => Buffer.from(value).toString('base64url');
  const header = url(`{"alg":"HS256","kid":"${id}"}`);
  return `${header}..${createHmac('sha256', '0123456789abcdef')
    .update(`${header}.${url(text)}`)
    .digest('base64url')}`;
}

test('each token that may sign has its signature, and what nobody signs goes', () => {
  const t = setUp();
  expect(signatures(t)).toEqual({});
  token(t, 'abcdef');
  token(t, 'bbbbbb', { expiration: at(t, 60_000) });
  expect(signatures(t)).toEqual({ 'jws-kubeconfig-abcdef': jws('abcdef'), 'jws-kubeconfig-bbbbbb': jws('bbbbbb') });
  t.run(t.client.delete(secrets, { namespace: 'kube-system', name: 'bootstrap-token-abcdef' }));
  t.settle();
  expect(Object.keys(signatures(t))).toEqual(['jws-kubeconfig-bbbbbb']);
});

test.each([
  { name: 'not for signing', data: { 'usage-bootstrap-signing': 'false' } },
  { name: 'without its secret half', data: { 'token-secret': '' } },
  { name: 'an id that is not that of its name', data: {}, secret: 'bootstrap-token-zzzzzz' },
])('does not sign: $name', ({ data, secret }) => {
  const t = setUp();
  token(t, 'abcdef', data as Readonly<Record<string, string>>, secret);
  expect(signatures(t)).toEqual({});
});

test('a change of the kubeconfig is signed anew, and a map without one is left alone', () => {
  const t = setUp();
  token(t, 'abcdef');
  const options = { namespace: 'kube-public' };
  t.change(configMaps, 'cluster-info', (map) => ({ ...map, data: { ...map.data, kubeconfig: 'other' } }), options);
  t.settle();
  expect(t.get(configMaps, 'cluster-info', 'kube-public').data).toEqual({
    kubeconfig: 'other',
    'jws-kubeconfig-abcdef': jws('abcdef', 'other'),
  });
  t.change(configMaps, 'cluster-info', (map) => ({ ...map, data: { 'jws-kubeconfig-abcdef': 'mine' } }), options);
  t.settle();
  expect(t.get(configMaps, 'cluster-info', 'kube-public').data).toEqual({ 'jws-kubeconfig-abcdef': 'mine' });
});

test('a token is deleted when it expires, its signature with it; others and other Secrets stay', () => {
  const t = setUp();
  token(t, 'abcdef');
  token(t, 'bbbbbb', { expiration: at(t, 60_000) });
  t.create(secrets, { metadata: { namespace: 'default', name: 'bootstrap-token-cccccc' }, stringData: { expiration: at(t, -1000) } });
  const names = (): readonly string[] =>
    ['kube-system', 'default'].flatMap((namespace) => t.list(secrets, namespace)).map(({ metadata }) => metadata!.name!);
  t.run(t.kernel.sleep(59_000));
  expect(names()).toHaveLength(3);
  t.run(t.kernel.sleep(2000));
  t.settle();
  expect([...names()].sort()).toEqual(['bootstrap-token-abcdef', 'bootstrap-token-cccccc']);
  expect(Object.keys(signatures(t))).toEqual(['jws-kubeconfig-abcdef']);
});

test('a token whose expiration is no time is deleted at once', () => {
  const t = setUp();
  token(t, 'abcdef', { expiration: 'tomorrow' });
  expect(t.list(secrets, 'kube-system')).toEqual([]);
});
