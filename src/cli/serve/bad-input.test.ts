/** What no client of Kubernetes would send: each gets an answer or a clean end of its connection, and the next client is served. */
import http2 from 'node:http2';
import tls from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Identity, TestServer } from './testing.ts';
import { ask, createTestServer } from './testing.ts';

let server: TestServer;
let admin: Identity;

beforeAll(async () => {
  server = await createTestServer();
  admin = server.identity('kubernetes-admin', 'system:masters');
});

afterAll(async () => {
  const { body } = await ask(server, { path: '/healthz', as: admin });
  expect(body.toString()).toBe('ok');
  await server.close();
  expect(server.faults).toEqual([]);
});

const configMaps = '/api/v1/namespaces/default/configmaps';

/** Sends bytes over TLS, and gives what comes back until the server ends the connection. */
function send(...pieces: readonly (string | Buffer)[]): Promise<string> {
  return new Promise((resolve) => {
    const port = Number(new URL(server.url).port);
    const socket = tls.connect({ port, host: '127.0.0.1', servername: 'nobody.example', rejectUnauthorized: false, ...admin });
    let heard = '';
    socket.on('data', (data) => void (heard += data.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => resolve(heard));
    socket.on('secureConnect', () => {
      for (const piece of pieces) socket.write(piece);
    });
  });
}

const head = (line: string, ...fields: readonly string[]): string =>
  `${[`${line} HTTP/1.1`, 'Host: x', 'Connection: close', ...fields].join('\r\n')}\r\n\r\n`;

describe('HTTP/1.1', () => {
  test.each([
    { name: 'no HTTP', pieces: ['what is this?\r\n\r\n'], want: /^HTTP\/1.1 400 Bad Request\r\n/ },
    { name: 'a header without a colon', pieces: ['GET / HTTP/1.1\r\nHost x\r\n\r\n'], want: /^HTTP\/1.1 400 / },
    { name: 'two lengths', pieces: [head('POST /api', 'Content-Length: 1', 'Content-Length: 2')], want: /^HTTP\/1.1 400 / },
    { name: 'long headers', pieces: [head('GET /healthz', `X-Long: ${'x'.repeat(200_000)}`)], want: /^HTTP\/1.1 200 OK/ },
    { name: 'endless headers', pieces: [head('GET /healthz', `X-Long: ${'x'.repeat(2_000_000)}`)], want: /^HTTP\/1.1 431 / },
    {
      name: 'chunks that are none',
      pieces: [head(`POST ${configMaps}`, 'Transfer-Encoding: chunked'), 'zz\r\nnothing\r\n'],
      want: /^(HTTP\/1.1 400 [\s\S]*)?$/,
    },
    { name: 'a zero in a name', pieces: [head(`GET ${configMaps}/a%00b`)], want: /^HTTP\/1.1 404 [\s\S]*"kind":"Status"/ },
    { name: 'no text in a name', pieces: [head(`GET ${configMaps}/%ff%zz`)], want: /^HTTP\/1.1 40[04] / },
    { name: 'something to wait for', pieces: [head('GET /healthz', 'Expect: 100-continue')], want: /HTTP\/1.1 200 OK[\s\S]*ok$/ },
    { name: 'something else to wait for', pieces: [head('GET /healthz', 'Expect: rain')], want: /^HTTP\/1.1 417 / },
    {
      name: 'a packed body, which nobody unpacks',
      pieces: packed(gzipSync(Buffer.alloc(20_000_000))),
      want: /^HTTP\/1.1 400 [\s\S]*"kind":"Status"/,
    },
  ])('$name', async ({ pieces, want }) => {
    expect(await send(...pieces)).toMatch(want);
  });

  function packed(body: Buffer): readonly (string | Buffer)[] {
    return [head(`POST ${configMaps}`, 'Content-Encoding: gzip', 'Content-Type: application/json', `Content-Length: ${body.length}`), body];
  }
});

test('streams of HTTP/2 that are reset as soon as they are open', async () => {
  const session = http2.connect(server.url, { ca: server.ca, ...admin });
  session.on('error', () => {});
  for (let i = 0; i < 500; i++) {
    const stream = session.request({ ':path': `${configMaps}?watch=true` });
    stream.on('error', () => {});
    stream.close(http2.constants.NGHTTP2_CANCEL);
  }
  await new Promise<void>((resolve) => session.close(resolve));
  expect((await ask(server, { path: configMaps, as: admin })).status).toBe(200);
});

test('who breaks off in the middle of a body is forgotten', async () => {
  const port = Number(new URL(server.url).port);
  for (let i = 0; i < 20; i++)
    await new Promise<void>((resolve) => {
      const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ca: server.ca, ...admin });
      socket.on('error', () => {});
      socket.on('close', () => resolve());
      const beginning = head(`POST ${configMaps}`, 'Content-Length: 1000');
      socket.on('secureConnect', () => socket.write(`${beginning}{"a"`, () => socket.destroy()));
    });
  expect((await ask(server, { path: configMaps, as: admin })).status).toBe(200);
});
