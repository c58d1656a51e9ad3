import { cbc, gcm } from '@noble/ciphers/aes.js';
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { describe, expect, test } from 'vitest';
import { secrets } from '../../../api/core/secret.ts';
import { bytesOf, Random, textOf, toUint8Array, utf8 } from '../../../kernel/index.ts';
import type { ByteString } from '../../../kernel/index.ts';
import { createSingleMember } from '../../etcd/index.ts';
import { createApiServer } from '../create.ts';
import { openSessionAs } from '../session.ts';
import { createTestControlPlane } from '../testing.ts';
import { readEncryptionConfiguration } from './configuration.ts';
import { Encryption } from './encryption.ts';
import type { Algorithm, Provider } from './provider.ts';

const secret = toUint8Array(utf8('0123456789abcdef0123456789abcdef'));
const other = toUint8Array(utf8('fedcba9876543210fedcba9876543210'));
const random = new Random(1);
const provider = (algorithm: Algorithm, name = 'one', bytes = secret): Provider => ({ algorithm, keys: [{ name, secret: bytes }] });
const identity: Provider = { algorithm: 'identity' };

describe('a sealed object', () => {
  test.each([
    { algorithm: 'aescbc', vector: 16, open: (key: Uint8Array, iv: Uint8Array) => cbc(key, iv) },
    { algorithm: 'aesgcm', vector: 12, open: (key: Uint8Array, iv: Uint8Array) => gcm(key, iv) },
    { algorithm: 'secretbox', vector: 24, open: (key: Uint8Array, iv: Uint8Array) => xsalsa20poly1305(key, iv) },
  ] as const)('is what $algorithm opens', ({ algorithm, vector, open }) => {
    const { bytes } = new Encryption(random, [provider(algorithm)]).seal({ kind: 'Secret', data: 'ä' })!;
    const head = `k8s:enc:${algorithm}:v1:one:`;
    expect(bytes.startsWith(head)).toBe(true);
    const rest = toUint8Array(bytes.slice(head.length) as ByteString);
    const plain = open(secret, rest.subarray(0, vector)).decrypt(rest.subarray(vector));
    expect(JSON.parse(textOf(bytesOf(plain)))).toEqual({ kind: 'Secret', data: 'ä' });
  });
});

describe('what was written one way is read another', () => {
  const cases: readonly {
    readonly name: string;
    readonly by: readonly Provider[];
    readonly readers?: readonly Provider[];
    readonly want: string | undefined;
    readonly stale: boolean;
  }[] = [
    { name: 'plain by a server without configuration', by: [identity], want: undefined, stale: false },
    {
      name: 'sealed by a server without configuration',
      by: [provider('aescbc')],
      want: 'identity transformer tried to read encrypted data',
      stale: true,
    },
    { name: 'sealed with the same key', by: [provider('aesgcm')], readers: [provider('aesgcm')], want: undefined, stale: false },
    {
      name: 'sealed with what is now the second',
      by: [provider('aesgcm')],
      readers: [provider('aescbc'), provider('aesgcm')],
      want: undefined,
      stale: true,
    },
    {
      name: 'sealed, when new values are plain',
      by: [provider('aesgcm')],
      readers: [identity, provider('aesgcm')],
      want: undefined,
      stale: true,
    },
    {
      name: 'plain, when nothing plain is read',
      by: [identity],
      readers: [provider('aescbc')],
      want: 'no matching prefix found',
      stale: true,
    },
    {
      name: 'by another algorithm',
      by: [provider('aescbc')],
      readers: [provider('secretbox')],
      want: 'no matching prefix found',
      stale: true,
    },
    {
      name: 'with a key of another name',
      by: [provider('aescbc', 'two')],
      readers: [provider('aescbc')],
      want: 'no matching key was found for the provided AES transformer',
      stale: true,
    },
    {
      name: 'with another secret',
      by: [provider('aesgcm', 'one', other)],
      readers: [provider('aesgcm')],
      want: 'cipher: message authentication failed',
      stale: false,
    },
  ];
  test.each(cases)('$name', ({ by, readers, want, stale }) => {
    const form = new Encryption(random, by).seal({});
    const reader = new Encryption(random, readers);
    expect([reader.problemWith(form), reader.isStale(form)]).toEqual([want, stale]);
  });
});

test('a server that lost the key answers 500, and an update that changes nothing seals what was plain', () => {
  const plane = createTestControlPlane();
  const { kernel, etcd, run } = plane;
  const admin = (encryption?: readonly { readonly resources: readonly string[]; readonly providers: readonly Provider[] }[]) => {
    const { server } = createApiServer({
      ...plane.server.options,
      encryption,
      etcd: createSingleMember(etcd, { name: 'test' }),
      isBare: true,
      kernel,
    });
    return openSessionAs(server, { name: 'admin', groups: ['system:masters'] }, 'test');
  };
  const sealing = admin([{ resources: ['secrets'], providers: [provider('aescbc'), identity] }]);
  const at = { kind: secrets, namespace: 'default', name: 'a' };
  run(
    plane.admin.call({
      verb: 'create',
      kind: secrets,
      namespace: 'default',
      object: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } },
    }),
  );
  const plain = run(sealing.call({ verb: 'get', ...at }));
  const first = (plain as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
  const again = run(sealing.call({ verb: 'update', ...at, object: plain })) as { metadata: { resourceVersion: string } };
  expect(again.metadata.resourceVersion).not.toBe(first);
  const third = run(sealing.call({ verb: 'update', ...at, object: again })) as { metadata: { resourceVersion: string } };
  expect(third.metadata.resourceVersion).toBe(again.metadata.resourceVersion);
  const without = admin();
  expect(() => run(without.call({ verb: 'get', ...at }))).toThrow(
    'Internal error occurred: identity transformer tried to read encrypted data',
  );
  expect(() => run(without.call({ verb: 'list', kind: secrets, namespace: 'default' }))).toThrow(
    'unable to transform key "/registry/secrets/default/a": identity transformer tried to read encrypted data',
  );
});

describe('a configuration is refused', () => {
  const head = 'apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\n';
  const one = (resources: string, providers: string): string => `${head}resources: [{resources: ${resources}, providers: ${providers}}]\n`;
  test.each([
    { name: 'that is empty', text: '', want: 'encryption provider configuration file "/e.yaml" is empty' },
    { name: 'of another kind', text: 'apiVersion: v1\nkind: Pod\n', want: 'no kind "Pod" is registered for version "v1"' },
    { name: 'without resources', text: head, want: 'resources: Required value: at least one resources is required' },
    { name: 'without providers', text: one('[secrets]', '[]'), want: 'resources[0].providers: Required value' },
    {
      name: 'with two in one element',
      text: one('[secrets]', '[{identity: {}, aescbc: {}}]'),
      want: 'more than one provider specified in a single element',
    },
    { name: 'with none that is known', text: one('[secrets]', '[{}]'), want: 'provider does not contain any of the expected providers' },
    {
      name: 'with a misspelt one',
      text: one('[secrets]', '[{rot13: {}}]'),
      want: 'strict decoding error: unknown field "resources[0].providers[0].rot13"',
    },
    { name: 'with a KMS plugin', text: one('[secrets]', '[{kms: {name: k}}]'), want: 'resources[0].providers[0].kms: Forbidden' },
    {
      name: 'without keys',
      text: one('[secrets]', '[{aesgcm: {keys: []}}]'),
      want: 'aesgcm.keys: Required value: at least one keys is required',
    },
    {
      name: 'with a short key',
      text: one('[secrets]', '[{secretbox: {keys: [{name: a, secret: YWJj}]}}]'),
      want: 'secret is not of the expected length, got 3, expected one of [32]',
    },
    {
      name: 'with a secret that is no base64',
      text: one('[secrets]', '[{aescbc: {keys: [{name: a, secret: "%"}]}}]'),
      want: 'secrets must be base64 encoded',
    },
    { name: 'with a star', text: one('["*"]', '[{identity: {}}]'), want: "use '*.' to encrypt all the resources" },
    {
      name: 'with what another entry of the list covers',
      text: one('[secrets, "*."]', '[{identity: {}}]'),
      want: 'using overlapping resources',
    },
  ])('$name', ({ text, want }) => {
    expect(() => readEncryptionConfiguration(text, '/e.yaml')).toThrow(want);
  });
});
