/** Watches and logs over WebSocket, and upgrades of what cannot be upgraded. */
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { parseYaml } from '../../../emulator/machinery/yaml.ts';
import { decodeBody } from '../protobuf/index.ts';
import { fieldsOf } from '../protobuf/wire.ts';
import type { BootedServer } from '../testing.ts';
import { createBootedServer } from '../testing.ts';

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: { readonly 'certificate-authority-data': string } }[];
  readonly users: readonly { readonly user: { readonly 'client-certificate-data': string; readonly 'client-key-data': string } }[];
}

let server: BootedServer;
let credentials: { readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer };
const logPath = '/api/v1/namespaces/kube-system/pods/kube-scheduler-control-plane/log';

beforeAll(async () => {
  server = await createBootedServer();
  const { clusters, users } = parseYaml(server.kubeconfig) as unknown as Kubeconfig;
  const decode = (text: string): Buffer => Buffer.from(text, 'base64');
  const { user } = users[0]!;
  credentials = {
    ca: decode(clusters[0]!.cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
  };
  await server.pace.settle();
});

afterAll(async () => {
  await server.close();
  expect(server.faults).toEqual([]);
});

interface Heard {
  readonly status: number;
  readonly protocol: string;
  readonly messages: readonly (readonly [isBinary: boolean, data: Buffer])[];
}

interface Asked {
  readonly path: string;
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the client shows its certificate. */
  readonly isKnown?: boolean;
}

/** What a WebSocket hears until the server closes it. */
function hear({ path, protocols = [], headers = { origin: 'https://example.com' }, isKnown = true }: Asked): Promise<Heard> {
  const { ca, ...own } = credentials;
  const url = server.url.replace('https', 'wss') + path;
  const socket = new WebSocket(url, [...protocols], { ca, ...(isKnown && own), headers });
  const messages: (readonly [boolean, Buffer])[] = [];
  return new Promise((resolve) => {
    socket.on('message', (data: Buffer, isBinary) => messages.push([isBinary, data]));
    socket.on('open', () => void server.pace.advance(3000));
    socket.on('unexpected-response', (_request, response) => resolve({ status: response.statusCode!, protocol: '', messages }));
    socket.on('close', () => resolve({ status: 101, protocol: socket.protocol, messages }));
    socket.on('error', () => {});
  });
}

const nodes = '/api/v1/nodes?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3Dcontrol-plane';

describe('a watch', () => {
  test('has a message of text for each event', async () => {
    const { status, messages } = await hear({ path: nodes });
    expect(status).toBe(101);
    const [[isBinary, data]] = messages as [readonly [boolean, Buffer]];
    expect(isBinary).toBe(false);
    expect(JSON.parse(data.toString())).toMatchObject({ type: 'ADDED', object: { kind: 'Node', metadata: { name: 'control-plane' } } });
  });

  test('in protobuf has messages of bytes, without their lengths', async () => {
    const headers = { origin: 'https://example.com', accept: 'application/vnd.kubernetes.protobuf;stream=watch' };
    const [[isBinary, data]] = (await hear({ path: nodes, headers })).messages as [readonly [boolean, Buffer]];
    expect(isBinary).toBe(true);
    const event = new Map(fieldsOf(data));
    const raw = new Map(fieldsOf(event.get(2) as Buffer)).get(1) as Buffer;
    expect([String(event.get(1)), decodeBody(raw)]).toEqual(['ADDED', expect.objectContaining({ kind: 'Node' })]);
  });

  test('speaks the one protocol that a client offers', async () => {
    expect(await hear({ path: nodes, protocols: ['v1.example'] })).toMatchObject({ status: 101, protocol: 'v1.example' });
  });

  test.each([
    { name: 'without an origin', asked: { path: nodes, headers: {} }, want: 403 },
    { name: 'of two protocols', asked: { path: nodes, protocols: ['a', 'b'] }, want: 403 },
    { name: 'of a kind that there is not', asked: { path: '/api/v1/none?watch=true' }, want: 404 },
    { name: 'of nobody', asked: { path: nodes, isKnown: false }, want: 403 },
    {
      name: 'of nobody, whose token is none',
      asked: { path: nodes, isKnown: false, protocols: ['base64url.bearer.authorization.k8s.io.YQ', 'a'] },
      want: 401,
    },
    { name: 'of what is no stream', asked: { path: '/healthz' }, want: 200 },
  ])('$name is refused', async ({ asked, want }) => {
    expect((await hear(asked)).status).toBe(want);
  });

  test('a token may stand among the protocols', async () => {
    const body = '{"spec":{"audiences":[]}}';
    const path = '/api/v1/namespaces/kube-system/serviceaccounts/node-controller/token';
    const answer = await raw(`POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    const { token } = (JSON.parse(answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1)) as { status: { token: string } }).status;
    const named = `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString('base64url')}`;
    const heard = await hear({ path: nodes, isKnown: false, protocols: [named, 'v1.example'] });
    expect([heard.status, heard.protocol]).toEqual([101, 'v1.example']);
  });
});

describe('a log', () => {
  test('begins with an empty message, and is bytes', async () => {
    const { status, messages } = await hear({ path: `${logPath}?tailLines=1`, headers: {} });
    expect(status).toBe(101);
    expect(messages.map(([isBinary]) => isBinary)).toEqual([true, true]);
    expect(messages.map(([, data]) => data.toString()).join('')).toMatch(/^.+\n$/);
  });

  test('is text where the client wants it so', async () => {
    const { protocol, messages } = await hear({ path: `${logPath}?tailLines=1`, protocols: ['none', 'base64.binary.k8s.io'] });
    expect(protocol).toBe('base64.binary.k8s.io');
    expect(messages.map(([isBinary]) => isBinary)).toEqual([false, false]);
    expect(Buffer.from(messages[1]![1].toString(), 'base64').toString()).toMatch(/\n$/);
  });

  test.each([
    { name: 'in a protocol that nobody knows', asked: { path: logPath, protocols: ['none'] }, want: 403 },
    { name: 'of a Pod that there is not', asked: { path: logPath.replace('scheduler', 'nobody') }, want: 404 },
  ])('$name is refused', async ({ asked, want }) => {
    expect((await hear(asked)).status).toBe(want);
  });
});

/** Sends bytes, and gives what comes back until the connection ends. */
function raw(text: string): Promise<string> {
  return new Promise((resolve) => {
    const { ca, ...own } = credentials;
    const socket = tls.connect({ port: Number(new URL(server.url).port), host: '127.0.0.1', servername: 'localhost', ca, ...own });
    let heard = '';
    socket.on('data', (data) => void (heard += data.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => resolve(heard));
    socket.on('secureConnect', () => socket.write(text));
  });
}

describe('an upgrade that nobody knows is passed over', () => {
  const request = (line: string, body = ''): string =>
    `${line} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

  test.each([
    { name: 'of a read', text: request('GET /healthz'), want: /^HTTP\/1.1 200 OK\r\n[\s\S]*\r\ncontent-length: 2\r\n[\s\S]*\r\n\r\nok$/ },
    {
      name: 'of a write',
      text: request('POST /api/v1/namespaces', '{"metadata":{"name":"upgraded"}}'),
      want: /^HTTP\/1.1 201 Created[\s\S]*"name":"upgraded"/,
    },
    {
      name: 'of a body that is too long',
      text: 'POST /api/v1/namespaces HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 9999999\r\n\r\n',
      want: /^HTTP\/1.1 413 /,
    },
  ])('$name', async ({ text, want }) => {
    expect(await raw(text)).toMatch(want);
  });

  test('of a watch', async () => {
    const answer = raw(request(`GET ${nodes}`));
    await server.pace.advance(3000);
    expect(await answer).toMatch(/^HTTP\/1.1 200 OK[\s\S]*Transfer-Encoding: chunked[\s\S]*"type":"ADDED"/i);
  });
});
