/** A client's TLS connection, and the connection inside the cluster that goes with it. */
import type { TLSSocket } from 'node:tls';
import type { Address, Call, HttpHandler, NetNamespace, Peer } from '../../emulator/kernel/index.ts';
import { Errno } from '../../emulator/kernel/index.ts';

/** The far end of a connection. */
export interface Line {
  readonly handler: HttpHandler;
  readonly ip: string;
  readonly port: number;
  onClose(callback: () => void): void;
  close(): void;
}

/** Opens a line to the API server. Throws an `Errno` when nothing answers. */
export type Dial = () => Call<Line>;

/** Dials through the cluster's own network, from outside of its nodes. */
export function dialThrough(net: NetNamespace, server: Address): Dial {
  return function* () {
    const connection = yield* net.connect(server, { timeoutMs: 10_000 });
    const { http } = connection.service;
    if (!http) throw new Errno('ECONNRESET');
    return {
      handler: http,
      ...connection.local,
      onClose: (callback) => connection.onClose(callback),
      close: () => connection.close(),
    };
  };
}

/** What is known of a client's connection. It lives as long as the client's socket. */
export class ClientConnection {
  readonly #dial: Dial;
  readonly #certificate: object | undefined;
  readonly #hangUp: () => void;
  #line: Line | undefined;

  /** `hangUp` ends the client's side when the cluster's side breaks. */
  constructor(dial: Dial, socket: TLSSocket, hangUp: () => void) {
    this.#dial = dial;
    this.#certificate = certificateOf(socket);
    this.#hangUp = hangUp;
  }

  /** Whom to ask, and as whom. */
  *open(): Call<{ readonly handler: HttpHandler; readonly peer: Peer }> {
    let line = this.#line;
    if (!line) {
      const dialled = yield* this.#dial();
      // Another request of the same client may have been quicker.
      if (this.#line) dialled.close();
      else this.#adopt(dialled);
      line = this.#line ?? dialled;
    }
    const { handler, ip, port } = line;
    return { handler, peer: { ip, port, isTls: true, certificate: this.#certificate } };
  }

  close(): void {
    const line = this.#line;
    this.#line = undefined;
    line?.close();
  }

  #adopt(line: Line): void {
    this.#line = line;
    line.onClose(() => {
      if (this.#line !== line) return;
      this.#line = undefined;
      this.#hangUp();
    });
  }
}

/** The client's certificate, whose key the handshake has proved. Whether its authority counts is for the API server to say. */
function certificateOf(socket: TLSSocket): object | undefined {
  const raw = socket.getPeerX509Certificate();
  return raw && { certificate: raw.toString(), key: '', isKeyProven: true };
}
