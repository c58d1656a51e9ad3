import type { ByteString, Call, HttpRequest, HttpResponse, Kernel, Service, WaitQueue } from '../../kernel/index.ts';
import { Errno, OpenFile } from '../../kernel/index.ts';
import type { Connection } from './connection.ts';
import { statusText } from './http-text.ts';
import { pass } from './pass.ts';
import { Pending } from './pending.ts';
import { isShaped, transferMs } from './transfer.ts';

export interface ExchangeOptions {
  readonly tls?: boolean;
  /** Shown to a server that asks for it. */
  readonly certificate?: unknown;
  /** Looks at a TLS server before anything is asked, and throws when it is not to be believed. */
  readonly verify?: ((service: Service) => void) | undefined;
  /** Virtual milliseconds until the answer's headers must be there. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Asks over a connection and waits for the answer's headers; the connection closes when the body has ended. Throws ETIMEDOUT,
 * ECONNRESET when the server dies or speaks no HTTP, and EPROTO when only the client speaks TLS.
 */
export function* exchange(kernel: Kernel, connection: Connection, request: HttpRequest, options: ExchangeOptions = {}): Call<HttpResponse> {
  const { service, latencyMs } = connection;
  const handler = service.isTls && !options.tls ? refusePlainHttp : service.http;
  if (!handler || (options.tls && !service.isTls)) {
    connection.close();
    throw new Errno(handler ? 'EPROTO' : 'ECONNRESET');
  }
  const deadline = options.timeoutMs === undefined ? Number.POSITIVE_INFINITY : kernel.loop.now + options.timeoutMs;
  // A TLS 1.3 handshake is one more round trip.
  const shakingMs = options.tls
    ? 2 * latencyMs + transferMs(connection, false, helloBytes) + transferMs(connection, true, certificateBytes)
    : 0;
  const isTls = service.isTls === true;
  // Sizes matter to who looks at frames, and on a link that loses some.
  const hasSizes = connection.capture !== undefined || isShaped(connection);
  const [requestBytes, requestText] = hasSizes ? aboutRequest(request, isTls) : noSize;
  yield* passBefore(kernel, connection, shakingMs + latencyMs + transferMs(connection, false, requestBytes), deadline);
  if (!connection.isOpen) throw new Errno('ECONNRESET');
  verify(connection, options);
  connection.capture?.data(false, requestBytes, requestText);
  const pending = new Pending(kernel, handler(request, connection.peer(options.certificate)));
  if (!pending.isDone) yield* wait(connection, pending, deadline);
  if (pending.error !== undefined) connection.close();
  const { value } = pending;
  const [responseBytes, responseText] = hasSizes ? aboutResponse(value, isTls) : noSize;
  yield* passBefore(kernel, connection, latencyMs + transferMs(connection, true, responseBytes), deadline);
  connection.capture?.data(true, responseBytes, responseText);
  return withConnection(value, connection);
}

const noSize: readonly [number, string] = [0, ''];

/** What a handshake's messages take. */
const [helloBytes, certificateBytes] = [517, 3000];

/** Lets what is on its way arrive. Throws ETIMEDOUT when that is too late. */
function* passBefore(kernel: Kernel, connection: Connection, ms: number, deadline: number): Call<void> {
  if (ms <= 0) return;
  const left = deadline - kernel.loop.now;
  if (ms > left && isShaped(connection)) {
    yield* pass(kernel, Math.max(0, left));
    connection.close();
    throw new Errno('ETIMEDOUT');
  }
  yield* pass(kernel, ms);
}

function verify(connection: Connection, options: ExchangeOptions): void {
  if (!options.tls || !options.verify) return;
  try {
    options.verify(connection.service);
  } catch (error) {
    connection.close();
    throw error;
  }
}

type Headers = HttpRequest['headers'];

/** Bytes of a head as HTTP/1.1 writes it. */
function headBytes(first: string, headers: Headers): number {
  return Object.entries(headers ?? {}).reduce((sum, [name, value]) => sum + name.length + String(value).length + 4, first.length + 4);
}

/** What a capture shows of it: its size, and its first line unless TLS hides it. */
function aboutRequest({ method, target, headers, body }: HttpRequest, isTls: boolean): [length: number, what: string] {
  const first = `${method} ${target} HTTP/1.1`;
  return [headBytes(first, headers) + (typeof body === 'string' ? body.length : 0), isTls ? '' : `HTTP: ${first}`];
}

function aboutResponse({ status, headers, body }: HttpResponse, isTls: boolean): [length: number, what: string] {
  const first = `HTTP/1.1 ${status} ${statusText[status] ?? ''}`;
  return [headBytes(first, headers) + (typeof body === 'string' ? body.length : 0), isTls ? '' : `HTTP: ${first}`];
}

function* wait(connection: Connection, pending: Pending<HttpResponse>, deadline: number): Call<void> {
  connection.onClose(() => pending.fail(new Errno('ECONNRESET')));
  try {
    yield* pending.wait(deadline, new Errno('ETIMEDOUT'));
  } catch (error) {
    connection.close(); // A signal came in between.
    throw error;
  }
}

function withConnection(response: HttpResponse, connection: Connection): HttpResponse {
  if (response.upgrade !== undefined) return response;
  if (!(response.body instanceof OpenFile)) {
    connection.close();
    return response;
  }
  return { ...response, body: new BodyStream(response.body, connection) };
}

/** What Go's server answers on a TLS port (net/http, server.go). */
function* refusePlainHttp(): Call<HttpResponse> {
  const body = 'Client sent an HTTP request to an HTTPS server.\n' as ByteString;
  return { status: 400, headers: { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }, body };
}

/** A body that is still being written. It ends with its connection. */
class BodyStream extends OpenFile {
  readonly #body: OpenFile;
  readonly #connection: Connection;

  constructor(body: OpenFile, connection: Connection) {
    super();
    this.#body = body;
    this.#connection = connection;
    body.refs++;
    connection.onClose(() => {
      if (--body.refs === 0) body.closed();
      this.readable.wake();
    });
  }

  override get readable(): WaitQueue {
    return this.#body.readable;
  }

  override read(max: number): ByteString | undefined {
    const data = this.#body.read(max);
    if (data === '') this.#connection.close();
    if (data === undefined && !this.#connection.isOpen) throw new Errno('ECONNRESET');
    return data;
  }

  override write(): number {
    throw new Errno('EBADF');
  }

  override closed(): void {
    this.#connection.close();
  }
}
