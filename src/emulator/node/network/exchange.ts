import { Errno, OpenFile, WaitQueue } from '../../kernel/index.ts';
import type { ByteString, Call, Fiber, HttpHandler, HttpRequest, HttpResponse, Kernel, Peer } from '../../kernel/index.ts';
import type { Connection } from './connection.ts';
import { isBackground, pass } from './pass.ts';

export interface ExchangeOptions {
  readonly tls?: boolean;
  /** Shown to a server that asks for it. */
  readonly certificate?: unknown;
  /** Virtual milliseconds until the answer's headers must be there. */
  readonly timeoutMs?: number | undefined;
}

/** An answer on its way. The server works in a fiber of its own, so that either end can go away. */
class Pending {
  readonly changed = new WaitQueue();
  response: HttpResponse | undefined;
  error: unknown;
  isDone = false;

  *run(handler: HttpHandler, request: HttpRequest, peer: Peer): Call<void> {
    try {
      this.response = yield* handler(request, peer);
    } catch (error) {
      this.error = error;
    }
    this.isDone = true;
    this.changed.wake();
  }

  fail(error: Errno): void {
    if (this.isDone) return;
    this.error = error;
    this.isDone = true;
    this.changed.wake();
  }
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
  const outMs = options.tls ? 3 * latencyMs : latencyMs;
  if (outMs > 0) yield* pass(kernel, outMs);
  if (!connection.isOpen) throw new Errno('ECONNRESET');
  const pending = new Pending();
  const fiber = kernel.fiber(pending.run(handler, request, connection.peer(options.certificate)), { background: isBackground(kernel) });
  if (!pending.isDone) yield* wait(kernel, connection, pending, fiber, deadline);
  if (latencyMs > 0) yield* pass(kernel, latencyMs);
  if (pending.error !== undefined) {
    connection.close();
    throw pending.error;
  }
  return withConnection(pending.response!, connection);
}

function* wait(kernel: Kernel, connection: Connection, pending: Pending, fiber: Fiber, deadline: number): Call<void> {
  connection.onClose(() => {
    fiber.cancel();
    pending.fail(new Errno('ECONNRESET'));
  });
  const left = deadline - kernel.loop.now;
  const timer = left < Number.POSITIVE_INFINITY ? kernel.loop.timer(left, () => pending.fail(new Errno('ETIMEDOUT')), isBackground(kernel)) : undefined;
  try {
    while (!pending.isDone) yield* kernel.block(pending.changed, 'http');
  } catch (error) {
    connection.close(); // A signal came in between.
    throw error;
  } finally {
    timer?.cancel();
  }
  if (pending.error !== undefined) connection.close();
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
// biome-ignore lint/correctness/useYield: a handler is a call even when it need not wait.
function* refusePlainHttp(): Call<HttpResponse> {
  const body = 'Client sent an HTTP request to an HTTPS server.\n' as ByteString;
  return { status: 400, headers: { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }, body };
}

/** A body that is still being written. It ends with its connection. */
class BodyStream extends OpenFile {
  override readonly readable: WaitQueue;
  readonly #body: OpenFile;
  readonly #connection: Connection;

  constructor(body: OpenFile, connection: Connection) {
    super();
    this.#body = body;
    this.#connection = connection;
    this.readable = body.readable;
    body.refs++;
    connection.onClose(() => {
      if (--body.refs === 0) body.closed();
      this.readable.wake();
    });
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
