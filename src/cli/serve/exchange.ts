/** One HTTP exchange: a client's request becomes a request inside the cluster, and the answer goes back. */
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { constants, gzipSync } from 'node:zlib';
import { apiVersionOf } from '../../emulator/api/kind.ts';
import { kinds } from '../../emulator/api/kinds.ts';
import type { ByteString, Call, HttpRequest, HttpResponse, Kernel } from '../../emulator/kernel/index.ts';
import { isErrno, OpenFile, utf8, WaitQueue } from '../../emulator/kernel/index.ts';
import type { ApiObject } from '../../emulator/machinery/objects.ts';
import { toBuffer } from './bytes.ts';
import type { ClientConnection } from './line.ts';
import type { Pace } from './pace.ts';

/** Larger answers are compressed for clients that accept it (responsewriters, defaultGzipThresholdBytes). */
const gzipFromBytes = 128 * 1024;

/** Where an answer goes: an HTTP/1.1 or HTTP/2 response. */
export interface Outgoing {
  writeHead(status: number, headers: Record<string, string>): unknown;
  write(data: Uint8Array): boolean;
  end(data?: Uint8Array): unknown;
  flushHeaders(): void;
  on(event: 'close' | 'drain' | 'error', listener: () => void): unknown;
}

export interface Exchange {
  readonly kernel: Kernel;
  readonly pace: Pace;
  readonly client: ClientConnection;
  readonly request: HttpRequest;
  /** Ends the client's connection without an answer, as when nothing listens. */
  readonly reset: () => void;
  /** A fault of the emulator's own. */
  readonly onFault: (error: unknown) => void;
}

/** Go's server answers so when a handler panics, and the API server's own words stand in the body. */
const panic: HttpResponse = {
  status: 500,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  body: utf8('This request caused apiserver to panic. Look in the logs for details.\n'),
};

export function headersOf(incoming: IncomingHttpHeaders): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming)) {
    if (value === undefined || name.startsWith(':')) continue;
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

/** The cluster's answer; undefined when there was nobody to ask, and the connection is reset. */
export function* ask({ client, request, reset, onFault }: Exchange): Call<HttpResponse | undefined> {
  try {
    const { handler, peer } = yield* client.open();
    return yield* handler(request, peer);
  } catch (error) {
    if (!isErrno(error)) {
      onFault(error);
      return panic;
    }
    reset();
    return undefined;
  }
}

/** Asks and answers. `arrived` ends what `Pace.wait` began, once the answer is there. */
export function* answer(exchange: Exchange, outgoing: Outgoing, arrived: () => void): Call<void> {
  const response = yield* ask(exchange);
  arrived();
  if (response) yield* write(exchange, response, outgoing);
}

/** Hands an answer over, until its end if it is a stream. */
export function* write(exchange: Exchange, response: HttpResponse, outgoing: Outgoing): Call<void> {
  const headers = answerHeaders(exchange.request, response);
  if (response.body instanceof OpenFile) {
    outgoing.writeHead(response.status, headers);
    outgoing.flushHeaders();
    yield* stream(exchange, response.body, outgoing);
    return;
  }
  const body = bodyOf(response);
  const isCompressed = body.length > gzipFromBytes && acceptsGzip(exchange.request);
  if (isCompressed) Object.assign(headers, { 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
  const isHead = exchange.request.method === 'HEAD';
  // As Go's server: what fits into its buffer has a length, the rest comes in chunks.
  if (!isHead && body.length <= 2048 && !withoutBody.has(response.status)) headers['content-length'] = String(body.length);
  outgoing.writeHead(response.status, headers);
  if (isHead) outgoing.end();
  else outgoing.end(isCompressed ? gzipSync(body, { level: constants.Z_BEST_SPEED }) : body);
}

const withoutBody = new Set([101, 204, 304]);

/** What every answer carries besides its own headers. */
function answerHeaders(request: HttpRequest, { headers }: HttpResponse): Record<string, string> {
  const { 'content-length': _length, 'transfer-encoding': _encoding, connection: _connection, ...own } = headers;
  return { 'audit-id': request.headers['audit-id'] || randomUUID(), ...own };
}

function bodyOf({ body }: HttpResponse): Buffer {
  return typeof body === 'string' ? toBuffer(body) : Buffer.from(`${JSON.stringify(withBareItems(body))}\n`);
}

const builtInVersions = new Set(kinds.map(apiVersionOf));

/** The objects in a list of a built-in kind do not say again what they are: their type is told by the list's. */
function withBareItems(body: object): object {
  const { items, apiVersion } = body as { readonly items?: unknown; readonly apiVersion?: string };
  if (!Array.isArray(items) || !builtInVersions.has(apiVersion ?? '')) return body;
  return { ...body, items: items.map(({ apiVersion: _version, kind: _kind, ...rest }: ApiObject) => rest) };
}

function acceptsGzip({ headers }: HttpRequest): boolean {
  return (headers['accept-encoding'] ?? '').split(',').some((coding) => coding.split(';')[0]!.trim() === 'gzip');
}

/** Copies a body as it grows, no faster than the client reads, until it ends or the client goes away. */
function* stream({ kernel, pace }: Exchange, body: OpenFile, outgoing: Outgoing): Call<void> {
  let isGone = false;
  const ended = pace.stream();
  const drained = new WaitQueue();
  body.refs++;
  outgoing.on('error', () => {});
  outgoing.on('drain', () => {
    drained.wake();
    pace.wake();
  });
  outgoing.on('close', () => {
    isGone = true;
    ended();
    if (--body.refs === 0) body.closed();
    body.readable.wake();
    drained.wake();
  });
  while (!isGone) {
    const data = read(body);
    if (data === '') {
      outgoing.end();
      return;
    }
    if (data === undefined) yield* kernel.block(body.readable, 'stream');
    else if (!outgoing.write(toBuffer(data))) yield* kernel.block(drained, 'stream');
  }
}

/** The end, too, when the far side broke off. */
function read(body: OpenFile): ByteString | undefined {
  try {
    return body.read(65_536);
  } catch (error) {
    if (isErrno(error)) return '' as ByteString;
    throw error;
  }
}
