/**
 * The API of an emulated cluster over plain HTTP on loopback, so that real clients can be let loose on it in tests.
 *
 * - Requests run as activities of the cluster's kernel. Virtual time stands still between requests; while one is under way
 *   or a stream is open, it goes at the pace of the real clock, so that waits end and watches move.
 * - Everyone who connects is who the caller says (`peer`): there is no TLS here, and it listens on 127.0.0.1 only.
 *
 * Absent: upgraded connections (exec, attach, port-forward) are answered with 501; HTTPS is the business of `labs serve`.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ByteString, Call, HttpHandler, HttpRequest, HttpResponse, Kernel, Peer } from '../emulator/kernel/index.ts';
import { bytesOf, OpenFile, toUint8Array } from '../emulator/kernel/index.ts';

export interface AdapterOptions {
  readonly kernel: Kernel;
  readonly handler: HttpHandler;
  readonly peer: Peer;
}

export interface HttpAdapter {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Real milliseconds between two looks at the clock while something is under way. */
const tickMs = 2;

export async function serveHttp(options: AdapterOptions): Promise<HttpAdapter> {
  const { kernel } = options;
  let active = 0;
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    active++;
    timer ??= setInterval(() => void kernel.loop.run({ untilMs: kernel.loop.now + tickMs }), tickMs);
  };
  const end = (): void => {
    if (--active > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
  const server = createServer((incoming, outgoing) => {
    begin();
    outgoing.on('close', end);
    readBody(incoming)
      .then((body) => {
        kernel.fiber(answer(options, requestOf(incoming, body), outgoing));
        kernel.loop.run({ untilMs: kernel.loop.now });
      })
      .catch((error: unknown) => outgoing.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function readBody(incoming: IncomingMessage): Promise<ByteString> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return bytesOf(Buffer.concat(chunks));
}

function requestOf(incoming: IncomingMessage, body: ByteString): HttpRequest {
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
  return { method: incoming.method ?? 'GET', target: incoming.url ?? '/', headers, ...(body !== '' && { body }) };
}

function* answer(options: AdapterOptions, request: HttpRequest, outgoing: ServerResponse): Call<void> {
  const response: HttpResponse = yield* options.handler(request, options.peer);
  if (response.status === 101) {
    outgoing.writeHead(501).end();
    return;
  }
  const headers: Record<string, string> = { ...response.headers };
  delete headers['content-length'];
  outgoing.writeHead(response.status, headers);
  if (!(response.body instanceof OpenFile)) {
    outgoing.end(typeof response.body === 'string' ? toUint8Array(response.body) : JSON.stringify(response.body));
    return;
  }
  yield* stream(options.kernel, response.body, outgoing);
}

/** Copies a body as it grows, until it ends or the client goes away. */
function* stream(kernel: Kernel, body: OpenFile, outgoing: ServerResponse): Call<void> {
  let isGone = false;
  body.refs++;
  outgoing.on('close', () => {
    isGone = true;
    if (--body.refs === 0) body.closed();
    body.readable.wake();
  });
  outgoing.flushHeaders();
  while (!isGone) {
    const data = body.read(65_536);
    if (data === '') {
      outgoing.end();
      return;
    }
    if (data === undefined) yield* kernel.block(body.readable, 'stream');
    else outgoing.write(toUint8Array(data));
  }
}
