/**
 * A process's view of the network. The wire itself (interfaces, routes, kube-proxy's tables, packets, latency, loss) is
 * built in `node/network/`; a machine or Pod has one `NetNamespace`, shared by its processes.
 */
import type { Call } from './call.ts';
import type { OpenFile } from './file.ts';
import type { HttpHandler, HttpRequest, HttpResponse, Peer } from './http.ts';

export interface Address {
  readonly ip: string;
  readonly port: number;
}

/** What carries bytes to a port. An association of SCTP is like a connection of TCP here. */
export type Transport = 'TCP' | 'UDP' | 'SCTP';

/** What listens on a port. A listener offers the protocols that it speaks. */
export interface Service {
  readonly http?: HttpHandler;
  readonly isTls?: boolean;
  /** PEM of the certificate that a TLS server shows to a client that names it so, asked for when the client checks it. */
  readonly certificate?: (serverName?: string) => string;
  /** The same as an object of the room that knows certificates (machinery/x509), where there is one: its PEM would cost a signature. */
  readonly leaf?: (serverName?: string) => unknown;
  /**
   * Of a server that asks its clients for a certificate in the handshake: the alert that this one gets, or empty text when the
   * connection is closed without a word; undefined lets it in. `from` is where the client is, as far as it is known.
   */
  readonly refuseClient?: (certificate: unknown, from?: Address) => string | undefined;
  /** Told of a client that did not believe what it was shown. */
  readonly onMistrust?: (from: Address) => void;
  /** A raw connection: the server reads what the client writes, and the other way round. */
  readonly stream?: (stream: DuplexStream, peer: Peer) => void;
  /** One datagram (or message over TCP) in, at most one out (undefined is none). A server that must wait returns a `Call`. */
  readonly datagram?: (payload: unknown, peer: Peer) => unknown;
  /** A server object that in-process clients call without HTTP framing; the packet's way is the same. */
  readonly endpoint?: unknown;
}

export interface DuplexStream {
  readonly input: OpenFile;
  readonly output: OpenFile;
}

export interface Listener {
  readonly address: Address;
  readonly protocol: Transport;
  /** The machine of the process that listens; undefined for a part of the emulator that is no process. */
  readonly owner?: object | undefined;
  /** Connections and datagrams that it has taken so far. */
  readonly accepted?: number;
  close(): void;
}

/** A connection that was established: the packets found their way and something listens. */
export interface Connection {
  readonly local: Address;
  /** After destination NAT: who really answers. */
  readonly remote: Address;
  readonly service: Service;
  /** One way, in virtual milliseconds. */
  readonly latencyMs?: number;
  /** False once either end, or the way between, is gone. */
  readonly isOpen: boolean;
  /** Called once when the connection breaks. */
  onClose(callback: () => void): void;
  close(): void;
}

export interface ConnectOptions {
  /** Virtual milliseconds until ETIMEDOUT; the kernel's own limit is about two minutes. */
  readonly timeoutMs?: number | undefined;
  /** For a request: until there is a connection, where that is less than the whole may take. */
  readonly dialTimeoutMs?: number;
  /** For a datagram: TCP sends it as the one message of a connection, as DNS does with what is too long. For a connection: TCP or SCTP. */
  readonly protocol?: Transport;
  /** For a datagram: the port that it is sent from, for a sender that has bound one with `listen`. */
  readonly localPort?: number;
  /** For an echo: bytes of payload, 56 by default. */
  readonly bytes?: number;
}

export interface NetNamespace {
  /** Addresses of this namespace, the primary one first, without the loopback. */
  readonly addresses: readonly string[];
  /** Throws ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH or ENETUNREACH. */
  connect(to: Address, options?: ConnectOptions): Call<Connection>;
  /** Connects, asks, and closes once the answer's body has ended. Errors as `connect`. */
  request(
    to: Address,
    request: HttpRequest,
    options?: ConnectOptions & {
      readonly tls?: boolean;
      readonly certificate?: unknown;
      /** Looks at a TLS server before anything is asked, and throws when it is not to be believed. */
      readonly verify?: ((service: Service) => void) | undefined;
    },
  ): Call<HttpResponse>;
  /** Sends a datagram and waits for one answer. Throws ETIMEDOUT, or ECONNREFUSED when nothing listens. */
  datagram(to: Address, payload: unknown, options?: ConnectOptions): Call<unknown>;
  /** Round trip in virtual milliseconds. Throws ETIMEDOUT or EHOSTUNREACH. */
  ping(ip: string, options?: ConnectOptions): Call<number>;
  /** Throws EADDRINUSE. Without an ip it listens on all addresses of the namespace. */
  listen(port: number, service: Service, options?: { readonly ip?: string; readonly protocol?: Transport }): Listener;
  /** Bytes of one connection as streams, for programs that speak a protocol of their own. */
  open(connection: Connection): DuplexStream;
  readonly listeners: readonly Listener[];
}
