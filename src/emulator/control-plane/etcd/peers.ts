/**
 * A member's way to the others: one connection each, made again when it broke. What cannot be sent is lost, as raft allows.
 * Upstream: server/etcdserver/api/rafthttp.
 *
 * - Each side opens its own connection, and each side's certificate is looked at in both directions, so that one bad certificate
 *   cuts both ways. What is open stays open: certificates are looked at when a connection begins.
 * - Who cannot be reached is told of every five seconds, and whose clock is behind every thirty, as by the prober.
 */
import type { Address, Call, Connection, Errno, Kernel, NetNamespace, WallClock } from '../../kernel/index.ts';
import { isErrno } from '../../kernel/index.ts';
import { formatDuration } from '../../machinery/duration.ts';
import { TlsError } from '../../machinery/x509/index.ts';
import type { Member } from './membership.ts';
import type { Message } from './raft/index.ts';
import { hostPort, unbracketed } from '../../machinery/ipv6.ts';
import type { Greeting } from './tls.ts';

/** What a member offers on its peer port. */
export interface PeerEndpoint {
  readonly memberId: string;
  readonly clusterId: string;
  members(): readonly Member[];
  receive(message: Message): void;
  /** What a probe is answered with: the time there. */
  readonly clock: WallClock;
}

interface Peer {
  readonly id: string;
  connection: Connection | undefined;
  isDialing: boolean;
  isActive: boolean;
  /** What waits for the connection. */
  readonly buffer: Message[];
  /** From when on it may be tried again. */
  nextDialMs: number;
  /** Why it could not be reached the last time; undefined while it can. */
  problem: string | undefined;
  disconnects: number;
  sendFailures: number;
}

interface Flying {
  readonly connection: Connection;
  readonly message: Message;
}

const dialTimeoutMs = 2000;
const redialMs = 100;
/** Differs from Kubernetes: after a handshake that failed the next try is a second later, not a tenth; the log has a tenth of the lines. */
const handshakeRetryMs = 1000;
/** statusErrorInterval, statusMonitoringInterval and the difference that is told (rafthttp/probing_status.go). */
const probing = { errorMs: 5000, periodMs: 30_000, driftMs: 1000 };
const probers = ['ROUND_TRIPPER_RAFT_MESSAGE', 'ROUND_TRIPPER_SNAPSHOT'];
const maxBuffered = 64;
const streams = ['stream MsgApp v2', 'stream Message'];

export function addressOfUrl(url: string): Address | undefined {
  const match = /^https?:\/\/(.*):(\d+)$/.exec(url);
  return match ? { ip: match[1] === 'localhost' ? '127.0.0.1' : unbracketed(match[1]!), port: Number(match[2]) } : undefined;
}

/** Why a peer cannot be reached, in the words of Go's HTTP client. */
export function peerProblem(error: Errno, { ip, port }: Address): string {
  if (error instanceof TlsError) return error.message;
  return `dial tcp ${hostPort(ip, port)}: ${error.code === 'ETIMEDOUT' ? 'i/o timeout' : `connect: ${error.message.toLowerCase()}`}`;
}

export interface PeersParts {
  readonly kernel: Kernel;
  readonly net: NetNamespace;
  readonly localId: string;
  readonly members: () => ReadonlyMap<string, Member>;
  readonly greet: Greeting | undefined;
  readonly log: (level: 'info' | 'warn', msg: string, more: object) => void;
}

export class Peers {
  readonly #parts: PeersParts;
  readonly #peers = new Map<string, Peer>();
  #isClosed = false;

  constructor(parts: PeersParts) {
    this.#parts = parts;
  }

  /** For metrics: what became of each peer. */
  get all(): readonly Pick<Peer, 'id' | 'isActive' | 'disconnects' | 'sendFailures'>[] {
    return [...this.#peers.values()];
  }

  send(message: Message): void {
    const peer = this.#peerOf(message.to);
    const { connection } = peer;
    if (connection?.isOpen) return this.#pass(connection, message);
    const { kernel } = this.#parts;
    if (this.#isClosed || (!peer.isDialing && kernel.loop.now < peer.nextDialMs)) {
      peer.sendFailures++;
      return;
    }
    if (peer.buffer.length < maxBuffered) peer.buffer.push(message);
    if (peer.isDialing) return;
    peer.isDialing = true;
    kernel.fiber(this.#dial(peer), { background: true });
  }

  close(): void {
    this.#isClosed = true;
    for (const { connection } of this.#peers.values()) connection?.close();
  }

  #peerOf(id: string): Peer {
    const known = this.#peers.get(id);
    if (known) return known;
    const peer: Peer = {
      id,
      connection: undefined,
      isDialing: false,
      isActive: false,
      buffer: [],
      nextDialMs: 0,
      problem: undefined,
      disconnects: 0,
      sendFailures: 0,
    };
    this.#peers.set(id, peer);
    this.#parts.kernel.loop.after(probing.errorMs, this.#probe, peer, true);
    return peer;
  }

  /** Connects, and sends what there was no connection for. */
  *#dial(peer: Peer): Call<void> {
    const { net, greet, kernel } = this.#parts;
    const address = addressOfUrl(this.#parts.members().get(peer.id)?.peerURLs[0] ?? '');
    let connection: Connection | undefined;
    let retryMs = redialMs;
    try {
      connection = address && (yield* net.connect(address, { timeoutMs: dialTimeoutMs }));
      if (connection) greet?.(connection, address!.ip);
      const endpoint = connection?.service.endpoint as PeerEndpoint | undefined;
      if (connection && (this.#isClosed || endpoint?.memberId !== peer.id)) connection.close();
      else if (connection) this.#connected(peer, connection);
    } catch (error) {
      if (!isErrno(error)) throw error;
      connection?.close();
      if (error instanceof TlsError) retryMs = handshakeRetryMs;
      this.#failed(peer, peerProblem(error, address!));
    }
    peer.isDialing = false;
    if (!peer.connection?.isOpen) {
      peer.nextDialMs = kernel.loop.now + retryMs;
      peer.sendFailures += peer.buffer.length;
    }
    peer.buffer.length = 0;
  }

  #connected(peer: Peer, connection: Connection): void {
    const { log, localId } = this.#parts;
    peer.connection = connection;
    peer.problem = undefined;
    const about = (stream: string): object => ({
      'stream-reader-type': stream,
      'local-member-id': localId,
      'remote-peer-id': peer.id,
    });
    if (!peer.isActive) log('info', 'peer became active', { caller: 'rafthttp/peer_status.go:53', 'peer-id': peer.id });
    peer.isActive = true;
    for (const stream of streams)
      log('info', 'established TCP streaming connection with remote peer', { caller: 'rafthttp/stream.go:411', ...about(stream) });
    connection.onClose(() => {
      if (this.#isClosed) return;
      for (const stream of streams)
        log('warn', 'lost TCP streaming connection with remote peer', { caller: 'rafthttp/stream.go:420', ...about(stream), error: 'EOF' });
    });
    for (const message of peer.buffer) this.#pass(connection, message);
  }

  #failed(peer: Peer, problem: string): void {
    const { log } = this.#parts;
    if (this.#isClosed) return;
    peer.problem = problem;
    if (peer.isActive) {
      peer.isActive = false;
      peer.disconnects++;
      log('warn', 'peer became inactive (message send to peer failed)', {
        caller: 'rafthttp/peer_status.go:66',
        'peer-id': peer.id,
        error: `failed to dial ${peer.id} on ${streams[0]} (${problem})`,
      });
    }
  }

  /** Each of the two ways to a peer is probed: soon again as long as it is broken. */
  readonly #probe = (peer: Peer): void => {
    const { kernel, members } = this.#parts;
    if (this.#isClosed || !members().has(peer.id)) return;
    const isBroken = peer.problem !== undefined;
    if (isBroken)
      this.#tell('prober detected unhealthy status', peer, { caller: 'rafthttp/probing_status.go:68', rtt: '0s', error: peer.problem });
    else this.#compareClocks(peer);
    kernel.loop.after(isBroken ? probing.errorMs : probing.periodMs, this.#probe, peer, true);
  };

  /** A member whose clock is ahead of another's says so. */
  #compareClocks(peer: Peer): void {
    const { connection } = peer;
    if (!connection?.isOpen) return;
    const driftMs = this.#parts.kernel.clock.unixMs - (connection.service.endpoint as PeerEndpoint).clock.unixMs;
    if (driftMs <= probing.driftMs) return;
    this.#tell('prober found high clock drift', peer, {
      caller: 'rafthttp/probing_status.go:82',
      'clock-drift': formatDuration(driftMs),
      rtt: formatDuration(2 * (connection.latencyMs ?? 0)),
    });
  }

  #tell(msg: string, peer: Peer, { caller, ...more }: Readonly<Record<string, unknown>>): void {
    for (const name of probers) this.#parts.log('warn', msg, { caller, 'round-tripper-name': name, 'remote-peer-id': peer.id, ...more });
  }

  #pass(connection: Connection, message: Message): void {
    this.#parts.kernel.loop.after(connection.latencyMs ?? 0, deliver, { connection, message }, message.isQuiet === true);
  }
}

const deliver = ({ connection, message }: Flying): void => {
  if (connection.isOpen) (connection.service.endpoint as PeerEndpoint).receive(message);
};
