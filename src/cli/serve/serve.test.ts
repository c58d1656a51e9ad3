import tls from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random, unixMs } from '../../emulator/kernel/index.ts';
import { CertificateAuthority } from '../../emulator/machinery/x509/index.ts';
import type { Answer, Asked, Identity, TestServer } from './testing.ts';
import { ask, ask2, createTestServer, identityOf } from './testing.ts';

let server: TestServer;
let admin: Identity;

beforeAll(async () => {
  server = await createTestServer();
  admin = server.identity('kubernetes-admin', 'system:masters');
});

afterAll(async () => {
  await server.close();
  expect(server.faults).toEqual([]);
});

const json = ({ body }: Answer) => JSON.parse(body.toString());
const configMaps = '/api/v1/namespaces/default/configmaps';
const create = (body: string | Buffer, more: Partial<Asked> = {}) =>
  ask(server, { method: 'POST', path: configMaps, headers: { 'content-type': 'application/json' }, body, as: admin, ...more });

describe('who a client is', () => {
  const whoami = (more: Partial<Asked>) =>
    ask(server, {
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      headers: { 'content-type': 'application/json', ...more.headers },
      body: '{}',
      as: more.as,
    });

  test('a certificate of the cluster: its common name and organizations', async () => {
    const { status, body } = await whoami({ as: server.identity('jane', 'dev', 'ops') });
    expect(status).toBe(201);
    expect(JSON.parse(body.toString()).status.userInfo).toMatchObject({ username: 'jane', groups: ['dev', 'ops', 'system:authenticated'] });
  });

  test.each([
    { name: 'nobody', more: {}, want: 403 },
    { name: 'a token that proves nothing', more: { headers: { authorization: 'Bearer abc' } }, want: 401 },
    {
      name: 'a certificate of another authority',
      more: { as: identityOf(new CertificateAuthority(new Random(8), 'kubernetes', unixMs(2025, 9, 1)), 'mallory', ['system:masters']) },
      want: 401,
    },
  ])('$name', async ({ more, want }) => {
    const { status, headers, body } = await whoami(more);
    expect(status).toBe(want);
    expect(JSON.parse(body.toString())).toMatchObject({ kind: 'Status', code: want });
    expect(headers['audit-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('HTTP', () => {
  test('version 2', async () => {
    const { status, body } = await ask2(server, { path: '/api/v1/namespaces/default', as: admin });
    expect(status).toBe(200);
    expect(JSON.parse(body.toString()).metadata.name).toBe('default');
  });

  test('what stands in a list does not say again what it is', async () => {
    const { kind, items } = json(await ask(server, { path: '/api/v1/namespaces', as: admin })) as { kind: string; items: object[] };
    expect([kind, ...new Set(items.flatMap(Object.keys))]).toEqual(['NamespaceList', 'metadata', 'spec', 'status']);
  });

  test('HEAD has no body', async () => {
    const { status, body } = await ask(server, { method: 'HEAD', path: '/api/v1/namespaces/default', as: admin });
    expect([status, body.length]).toEqual([200, 0]);
  });

  test('a large answer is compressed for who accepts it', async () => {
    const data = { text: 'x'.repeat(200_000) };
    expect((await create(JSON.stringify({ metadata: { name: 'large' }, data }))).status).toBe(201);
    const packed = await ask(server, { path: `${configMaps}/large`, headers: { 'accept-encoding': 'gzip' }, as: admin });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(JSON.parse(gunzipSync(packed.body).toString()).data).toEqual(data);
    const plain = await ask(server, { path: `${configMaps}/large`, as: admin });
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(json(plain).data).toEqual(data);
  });

  test('a body over 3 MB is refused', async () => {
    const answer = await create(JSON.stringify({ metadata: { name: 'huge' }, data: { text: 'x'.repeat(4 << 20) } }));
    expect(answer.status).toBe(413);
    expect(json(answer)).toMatchObject({
      message: 'Request entity too large: limit is 3145728',
      reason: 'RequestEntityTooLarge',
      code: 413,
    });
  });
});

describe('what is no request', () => {
  const random = new Random(3);
  const noise = (): Buffer => Buffer.from(Array.from({ length: random.below(400) }, () => random.below(256)));
  const lines = [
    'GET / HTTP/1.1\r\n\r\n',
    'GET /api/v1/pods HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{',
    'POST /api/v1/namespaces HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'GET /api/v1/namespaces/a/pods/b/exec HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  ];

  /** Sends bytes over TLS and hangs up soon. */
  const sendRaw = (bytes: Buffer, ALPNProtocols: string[]): Promise<void> =>
    new Promise((resolve) => {
      const socket = tls.connect({
        port: Number(new URL(server.url).port),
        host: '127.0.0.1',
        ca: server.ca,
        servername: 'localhost',
        ALPNProtocols,
        ...admin,
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve());
      socket.on('data', () => socket.destroy());
      socket.on('secureConnect', () => socket.end(bytes, () => setImmediate(() => socket.destroy())));
    });

  test('does no harm', async () => {
    for (let i = 0; i < 300; i++) {
      const text = Buffer.from(lines[random.below(lines.length)]!);
      const at = random.below(text.length);
      await sendRaw(Buffer.concat([text.subarray(0, at), noise(), text.subarray(at)]), [i % 3 === 0 ? 'h2' : 'http/1.1']);
    }
    expect((await ask(server, { path: '/healthz', as: admin })).body.toString()).toBe('ok');
    expect(server.faults).toEqual([]);
  });
});
