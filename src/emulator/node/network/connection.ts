import type { Address, Connection as KernelConnection, Peer, Service } from '../../kernel/index.ts';
import { Process } from '../../kernel/index.ts';
import type { TcpCapture } from './capture.ts';
import type { Namespace } from './namespace.ts';
import type { Socket } from './socket.ts';

/** An established connection of TCP, or an association of SCTP, seen from the client's end. */
export class Connection implements KernelConnection {
  readonly from: Namespace;
  readonly to: Namespace;
  /** What the client asked for, before destination NAT. */
  readonly dialed: Address;
  readonly local: Address;
  readonly remote: Address;
  readonly service: Service;
  readonly protocol: 'TCP' | 'SCTP';
  /** The client's address as the server sees it, after source NAT. */
  readonly peerIP: string;
  readonly openedMs: number;
  /** Shows its segments to who looks at frames. */
  readonly capture: TcpCapture | undefined;
  /** Segments that either end has sent again. */
  retransmits = 0;
  /** What the way took when it was opened, beyond what the links of both ends took then. */
  readonly #restMs: number;
  readonly #socket: Socket;
  readonly #owner: Process | undefined;
  #isOpen = true;
  #callbacks: (() => void)[] | undefined;

  constructor(
    from: Namespace,
    to: Namespace,
    parts: {
      dialed: Address;
      local: Address;
      remote: Address;
      peerIP: string;
      latencyMs: number;
      socket: Socket;
      capture: TcpCapture | undefined;
    },
  ) {
    this.from = from;
    this.to = to;
    this.dialed = parts.dialed;
    this.capture = parts.capture;
    this.openedMs = from.kernel.loop.now;
    this.local = parts.local;
    this.remote = parts.remote;
    this.peerIP = parts.peerIP;
    this.#restMs = from.node === to.node ? parts.latencyMs : parts.latencyMs - from.node.latencyMs - to.node.latencyMs;
    this.service = parts.socket.service;
    this.protocol = parts.socket.protocol === 'SCTP' ? 'SCTP' : 'TCP';
    this.#socket = parts.socket;
    parts.socket.connections.add(this);
    from.connections.add(this);
    if (from.node !== to.node) {
      from.node.connections.add(this);
      to.node.connections.add(this);
    }
    // Like a descriptor, the connection ends with its process.
    const { current } = from.kernel;
    this.#owner = current instanceof Process ? current : undefined;
    this.#owner?.own(this.close);
  }

  /** One way, in virtual milliseconds, as the links are now. */
  get latencyMs(): number {
    const { from, to } = this;
    return from.node === to.node ? this.#restMs : this.#restMs + from.node.latencyMs + to.node.latencyMs;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Who the server sees at the other end. */
  peer(certificate?: unknown): Peer {
    return { ip: this.peerIP, port: this.local.port, isTls: this.service.isTls ?? false, certificate };
  }

  onClose(callback: () => void): void {
    if (!this.#isOpen) callback();
    else (this.#callbacks ??= []).push(callback);
  }

  /** Ends the connection for both ends. */
  readonly close = (): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.capture?.close();
    this.#forget();
    const callbacks = this.#callbacks;
    this.#callbacks = undefined;
    if (callbacks) for (const callback of callbacks) callback();
  };

  #forget(): void {
    this.#socket.connections.delete(this);
    this.from.connections.delete(this);
    this.from.node.connections.delete(this);
    this.to.node.connections.delete(this);
    if (this.remote.ip !== this.dialed.ip) this.from.node.conntrack.close(this);
    const owned = this.#owner?.owned;
    const at = owned ? owned.lastIndexOf(this.close) : -1;
    if (at >= 0) owned!.splice(at, 1);
  }
}
