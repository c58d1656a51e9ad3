/** The HTTPS port: TLS with client certificates, HTTP/1.1 and HTTP/2, and what is upgraded from HTTP/1.1. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse, ServerHttp2Session } from 'node:http2';
import { createSecureServer } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { HttpRequest, Kernel } from '../../emulator/kernel/index.ts';
import { noBytes } from '../../emulator/kernel/index.ts';
import { readBody, readUpgradeBody, withBody } from './body.ts';
import type { Exchange, Outgoing } from './exchange.ts';
import { answer, headersOf } from './exchange.ts';
import type { Dial } from './line.ts';
import { ClientConnection } from './line.ts';
import type { Pace } from './pace.ts';
import { upgrade } from './upgrade/index.ts';

export interface ServerOptions {
  readonly kernel: Kernel;
  readonly pace: Pace;
  readonly dial: Dial;
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
  /** Certificates of these authorities are what clients are asked for. */
  readonly clientCA: string;
  /** 0 is any free one. */
  readonly port: number;
  readonly onFault: (error: unknown, request: HttpRequest) => void;
}

/** Listens on the loopback interface, and only there: the cluster's keys come from a seed that anyone may know. */
const host = '127.0.0.1';
/** How long a client may take to take in the end of its streams. */
const farewellMs = 500;

/** Go's DefaultMaxHeaderBytes, and the time that the API server gives a client for its headers. */
const http1Limits = { maxHeaderSize: 1 << 20, headersTimeout: 32_000 };

type Incoming = IncomingMessage | Http2ServerRequest;

export class HttpsServer {
  readonly #options: ServerOptions;
  readonly #server: Http2SecureServer;
  readonly #clients = new WeakMap<object, ClientConnection>();
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();

  private constructor(options: ServerOptions) {
    this.#options = options;
    const { certificate, key, clientCA } = options;
    this.#server = createSecureServer(
      {
        allowHTTP1: true,
        cert: certificate,
        key,
        ca: clientCA,
        requestCert: true,
        rejectUnauthorized: false,
        minVersion: 'TLSv1.2',
      },
      (incoming, outgoing) => this.#serve(incoming, outgoing),
    );
    // The server of HTTP/2 takes no options for HTTP/1.1, and has its properties.
    Object.assign(this.#server, http1Limits);
    this.#server.on('connection', (socket: Socket) => {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('session', (session) => {
      this.#sessions.add(session);
      session.on('close', () => this.#sessions.delete(session));
      session.on('error', () => {});
    });
    // Clients that break off, speak no TLS or trust another authority.
    for (const event of ['tlsClientError', 'sessionError']) this.#server.on(event, ignore);
    this.#server.on('clientError', refuse);
    this.#server.on('upgrade', (incoming: IncomingMessage, socket: TLSSocket, head: Buffer) => {
      readUpgradeBody(incoming, socket, head).then(
        ({ body, rest }) => upgrade(this.#exchangeFor(incoming, withBody(requestOf(incoming), body)), { incoming, socket, head: rest }),
        () => socket.destroy(),
      );
    });
  }

  /** Throws what `listen` throws: EADDRINUSE, EACCES. */
  static async listen(options: ServerOptions): Promise<HttpsServer> {
    const server = new HttpsServer(options);
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject);
      server.#server.listen(options.port, host, () => {
        server.#server.off('error', reject);
        resolve();
      });
    });
    return server;
  }

  get url(): string {
    return `https://${host}:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Breaks every connection, as a failing network does. */
  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Takes no more connections, ends every stream and waits for the clients to go. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of this.#sessions) session.close();
    for (const end of this.#endings) end();
    const timer = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, farewellMs);
    await closed;
    clearTimeout(timer);
  }

  readonly #endings = new Set<() => void>();

  #serve(incoming: Incoming, outgoing: ServerResponse | Http2ServerResponse): void {
    const end = (): void => void outgoing.end();
    this.#endings.add(end);
    outgoing.on('close', () => this.#endings.delete(end));
    outgoing.on('error', ignore);
    readBody(incoming, requestOf(incoming)).then(
      (request) => {
        const arrived = this.#options.pace.wait();
        outgoing.on('close', arrived);
        this.#options.kernel.fiber(answer(this.#exchangeFor(incoming, request), outgoing as unknown as Outgoing, arrived));
      },
      // The client broke off in the middle of its body.
      () => incoming.destroy(),
    );
  }

  #exchangeFor(incoming: Incoming, request: HttpRequest): Exchange {
    const { kernel, pace, onFault } = this.#options;
    return {
      kernel,
      pace,
      client: this.#clientOf(incoming),
      request,
      reset: () => void incoming.socket.destroy(),
      onFault: (error) => onFault(error, request),
    };
  }

  /** HTTP/2 has one socket and many streams, and hides the socket behind its session. */
  #clientOf(incoming: Incoming): ClientConnection {
    const carrier = 'stream' in incoming ? incoming.stream.session! : incoming.socket;
    let client = this.#clients.get(carrier);
    if (!client) {
      client = new ClientConnection(this.#options.dial, incoming.socket as TLSSocket, () => carrier.destroy());
      this.#clients.set(carrier, client);
      carrier.once('close', () => client!.close());
    }
    return client;
  }
}

const ignore = (): void => {};

/** What is no HTTP/1.1, or takes too long to become a request: says so as Go's server does, and hangs up. */
function refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
  if (!socket.writable || error.code === 'ECONNRESET') socket.destroy();
  else
    socket.end(`HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${status}`, () =>
      socket.destroy(),
    );
}

function requestOf(incoming: Incoming): HttpRequest {
  return { method: incoming.method ?? 'GET', target: incoming.url ?? '/', headers: headersOf(incoming.headers), body: noBytes };
}
