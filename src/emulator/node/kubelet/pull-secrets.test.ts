import { expect, test } from 'vitest';
import { secrets } from '../../api/core/secret.ts';
import type { Kind } from '../../api/kind.ts';
import { base64, utf8 } from '../../kernel/index.ts';
import { createTestNode } from './testing.ts';

const labImages = [{ name: 'registry.example/vault/keys', tags: ['1.0'], login: { username: 'guest', password: 'a:b' } }];
const image = 'registry.example/vault/keys:1.0';
const config = (place: string, entry: unknown): string => JSON.stringify({ auths: { [place]: entry } });
const right = { username: 'guest', password: 'a:b' };

const head = `rpc error: code = Unknown desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}"`;
const denied = `${head}: pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials`;
const unauthorized = `${head}: unexpected status from HEAD request to https://registry.example/v2/vault/keys/manifests/1.0: 401 Unauthorized`;

test.each([
  { name: 'no secret', json: undefined, want: denied },
  { name: 'the login of its registry', json: config('registry.example', right), want: undefined },
  { name: 'the login as one text', json: config('registry.example', { auth: base64(utf8('guest:a:b')) }), want: undefined },
  { name: 'a login for a path of the registry', json: config('https://registry.example/vault/', right), want: undefined },
  { name: 'a login for another path', json: config('registry.example/vaul', right), want: denied },
  { name: 'a login for another registry', json: config('docker.io', right), want: denied },
  { name: 'a wrong password', json: config('registry.example', { username: 'guest', password: 'a' }), want: unauthorized },
  { name: 'an entry that holds nothing', json: config('registry.example', null), want: denied },
  { name: 'no list of registries', json: '{}', want: denied },
])('a private image with $name', ({ json, want }) => {
  const t = createTestNode({ labImages });
  if (json !== undefined)
    t.make(secrets as unknown as Kind, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: 'default', name: 'login' },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': base64(utf8(json)) },
    });
  t.create('p', { containers: [{ name: 'c', image }], ...(json !== undefined && { imagePullSecrets: [{ name: 'login' }] }) });
  t.advance(5000);
  const failed = t.events('p').filter((event) => event.startsWith('Failed: Failed to pull image'));
  expect(failed[0]).toBe(want && `Failed: Failed to pull image "${image}": ${want}`);
  expect(t.pod('p')!.status!.phase).toBe(want ? 'Pending' : 'Running');
});
