/** A member's way to the others: one connection each, made again when it broke. What cannot be sent is lost, as raft allows. */
import type { Address, Call, Connection, Kernel, NetNamespace, WallClock } from '../../kernel/index.ts';
import { isErrno } from '../../kernel/index.ts';
import { formatDuration } from '../../machinery/duration.ts';
import type { Member } from './membership.ts';
import type { Message } from './raft/index.ts';
import { unbracketed } from '../../machinery/ipv6.ts';

/** What a member offers on its peer port. */
export interface PeerEndpoint {
  readonly memberId: string;
  readonly clusterId: string;
  /** What a probe is answered with: the time there. */
  readonly clock: WallClock;
  members(): readonly Member[];
  receive(message: Message): void;
}

interface Peer {
  connection: Connection | undefined;
  isDialing: boolean;
  /** What waits for the connection. */
  readonly buffer: Message[];
  /** When it was last tried in vain. */
  failedMs: number;
}

interface Flying {
  readonly connection: Connection;
  readonly message: Message;
}

const dialTimeoutMs = 2000;
const redialMs = 100;
const maxBuffered = 64;
/** statusErrorInterval, statusMonitoringInterval and the difference that is told (rafthttp/probing_status.go). */
const probing = { firstMs: 5000, periodMs: 30_000, driftMs: 1000 };

export function addressOfUrl(url: string): Address | undefined {
  const match = /^https?:\/\/(.*):(\d+)$/.exec(url);
  return match ? { ip: match[1] === 'localhost' ? '127.0.0.1' : unbracketed(match[1]!), port: Number(match[2]) } : undefined;
}

export class Peers {
  readonly #kernel: Kernel;
  readonly #net: NetNamespace;
  readonly #members: () => ReadonlyMap<string, Member>;
  readonly #log: (level: 'info' | 'warn', msg: string, more: object) => void;
  readonly #peers = new Map<string, Peer>();
  #isClosed = false;

  constructor(parts: {
    readonly kernel: Kernel;
    readonly net: NetNamespace;
    readonly members: () => ReadonlyMap<string, Member>;
    readonly log: (level: 'info' | 'warn', msg: string, more: object) => void;
  }) {
    this.#kernel = parts.kernel;
    this.#net = parts.net;
    this.#members = parts.members;
    this.#log = parts.log;
  }

  send(message: Message): void {
    let peer = this.#peers.get(message.to);
    if (!peer) {
      peer = { connection: undefined, isDialing: false, buffer: [], failedMs: Number.NEGATIVE_INFINITY };
      this.#peers.set(message.to, peer);
      this.#kernel.loop.after(probing.firstMs, this.#compareClocks, message.to, true);
    }
    const { connection } = peer;
    if (connection?.isOpen) return this.#pass(connection, message);
    if (this.#isClosed || (!peer.isDialing && this.#kernel.loop.now - peer.failedMs < redialMs)) return;
    if (peer.buffer.length < maxBuffered) peer.buffer.push(message);
    if (peer.isDialing) return;
    peer.isDialing = true;
    this.#kernel.fiber(this.#dial(message.to, peer), { background: true });
  }

  close(): void {
    this.#isClosed = true;
    for (const { connection } of this.#peers.values()) connection?.close();
  }

  /** Connects, and sends what there was no connection for. */
  *#dial(id: string, peer: Peer): Call<void> {
    const address = addressOfUrl(this.#members().get(id)?.peerURLs[0] ?? '');
    try {
      const connection = address && (yield* this.#net.connect(address, { timeoutMs: dialTimeoutMs }));
      const endpoint = connection?.service.endpoint as PeerEndpoint | undefined;
      if (connection && (this.#isClosed || endpoint?.memberId !== id)) connection.close();
      else if (connection) this.#connected(id, peer, connection);
    } catch (error) {
      if (!isErrno(error)) throw error;
    }
    peer.isDialing = false;
    peer.buffer.length = 0;
    if (!peer.connection?.isOpen) peer.failedMs = this.#kernel.loop.now;
  }

  #connected(id: string, peer: Peer, connection: Connection): void {
    peer.connection = connection;
    this.#log('info', 'peer became active', { 'peer-id': id, caller: 'rafthttp/peer_status.go:53' });
    connection.onClose(() => {
      if (this.#isClosed) return;
      this.#log('warn', 'peer became inactive (message send to peer failed)', {
        'peer-id': id,
        error: 'failed to dial: EOF',
        caller: 'rafthttp/peer_status.go:66',
      });
    });
    for (const message of peer.buffer) this.#pass(connection, message);
  }

  /** A member whose clock is ahead of another's says so, on each of the two ways on which it probes it. */
  readonly #compareClocks = (id: string): void => {
    if (this.#isClosed) return;
    this.#kernel.loop.after(probing.periodMs, this.#compareClocks, id, true);
    const connection = this.#peers.get(id)?.connection;
    if (!connection?.isOpen) return;
    const latencyMs = connection.latencyMs ?? 0;
    const driftMs = this.#kernel.clock.unixMs - (connection.service.endpoint as PeerEndpoint).clock.unixMs;
    if (driftMs <= probing.driftMs) return;
    for (const way of ['ROUND_TRIPPER_SNAPSHOT', 'ROUND_TRIPPER_RAFT_MESSAGE'])
      this.#log('warn', 'prober found high clock drift', {
        'round-tripper-name': way,
        'remote-peer-id': id,
        'clock-drift': formatDuration(driftMs),
        rtt: formatDuration(2 * latencyMs),
        caller: 'rafthttp/probing_status.go:82',
      });
  };

  #pass(connection: Connection, message: Message): void {
    this.#kernel.loop.after(connection.latencyMs ?? 0, deliver, { connection, message }, message.isQuiet === true);
  }
}

const deliver = ({ connection, message }: Flying): void => {
  if (connection.isOpen) (connection.service.endpoint as PeerEndpoint).receive(message);
};
