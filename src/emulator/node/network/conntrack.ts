import type { Kernel } from '../../kernel/index.ts';
import type { Connection } from './connection.ts';
import { isLoopback } from './ipv4.ts';
import type { Packet } from './packet.ts';

/** nf_conntrack_udp_timeout, nf_conntrack_udp_timeout_stream, nf_conntrack_tcp_timeout_time_wait. */
const unansweredMs = 30_000;
const streamMs = 120_000;
const timeWaitMs = 120_000;
/** A flow that was answered and is older than this counts as a stream. */
const streamAfterMs = 2000;
/** Entries of each kind that a node keeps at most; the oldest goes first. */
const capacity = 4096;
const closedCapacity = 128;

/** A UDP flow: who spoke to whom, and who answers. */
export interface Flow {
  readonly sourceIP: string;
  readonly sourcePort: number;
  /** As the client sent it. */
  readonly ip: string;
  readonly port: number;
  /** After destination NAT. */
  readonly toIP: string;
  readonly toPort: number;
  /** Where the answer goes: the client, or the node that stands in for it. */
  replyIP: string;
  readonly createdMs: number;
  expiresMs: number;
  isAnswered: boolean;
  isAssured: boolean;
}

/** A TCP connection as conntrack has it; after its end the kernel remembers it for a while (TIME_WAIT). */
export interface TrackedConnection extends Pick<Connection, 'protocol' | 'dialed' | 'local' | 'remote' | 'peerIP'> {
  readonly sourceIP: string;
  /** When it was opened, or ended. */
  readonly sinceMs: number;
}

/** What is remembered of a connection, without what it holds on to. */
export function tracked({ protocol, dialed, local, remote, peerIP, from }: Connection, sinceMs: number): TrackedConnection {
  return {
    protocol,
    dialed,
    local,
    remote,
    peerIP,
    sourceIP: isLoopback(dialed.ip) ? dialed.ip : (from.addressLike(dialed.ip) ?? local.ip),
    sinceMs,
  };
}

/**
 * What a node's kernel remembers of flows, beside the connections that are open: as long as it remembers one, its packets go where the
 * first one went, whatever the tables say by now.
 *
 * Differs from Linux: flows of UDP whose address nothing rewrote are remembered only when the sender keeps its port, and of ended
 * TCP connections only those whose address was rewritten.
 */
export class Conntrack {
  readonly #kernel: Kernel;
  readonly #flows = new Map<string, Flow>();
  #closed: TrackedConnection[] = [];

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Flows that have not expired. */
  get flows(): readonly Flow[] {
    const { now } = this.#kernel.loop;
    for (const [key, { expiresMs }] of this.#flows) if (expiresMs <= now) this.#flows.delete(key);
    return [...this.#flows.values()];
  }

  /** Connections in TIME_WAIT, the oldest first. */
  get closed(): readonly TrackedConnection[] {
    const { now } = this.#kernel.loop;
    this.#closed = this.#closed.filter(({ sinceMs }) => sinceMs + timeWaitMs > now);
    return this.#closed;
  }

  /** Sends a packet of a known flow where the flow goes. False when the flow is not known. */
  redirect(packet: Packet, sourceIP: string): boolean {
    const flow = this.#flows.get(keyOf(packet, sourceIP, packet.ip, packet.port));
    if (!flow) return false;
    const { now } = this.#kernel.loop;
    if (flow.expiresMs <= now) {
      this.#flows.delete(keyOf(packet, sourceIP, packet.ip, packet.port));
      return false;
    }
    flow.isAssured = flow.isAnswered && now - flow.createdMs > streamAfterMs;
    flow.expiresMs = now + (flow.isAssured ? streamMs : unansweredMs);
    packet.masquerade = flow.replyIP !== flow.sourceIP;
    packet.ip = flow.toIP;
    packet.port = flow.toPort;
    packet.flow = flow;
    return true;
  }

  /** Remembers where the first packet of a flow was sent. */
  remember(packet: Packet, sourceIP: string, asked: { readonly ip: string; readonly port: number }): void {
    const { now } = this.#kernel.loop;
    if (this.#flows.size >= capacity) this.#flows.delete(this.#flows.keys().next().value!);
    const flow: Flow = {
      sourceIP,
      sourcePort: packet.sourcePort,
      ip: asked.ip,
      port: asked.port,
      toIP: packet.ip,
      toPort: packet.port,
      replyIP: sourceIP,
      createdMs: now,
      expiresMs: now + unansweredMs,
      isAnswered: false,
      isAssured: false,
    };
    this.#flows.set(keyOf(packet, sourceIP, asked.ip, asked.port), flow);
    packet.flow = flow;
  }

  /** Forgets the flows that match, and says how many they were. */
  forget(matches: (flow: Flow) => boolean): number {
    let count = 0;
    for (const [key, flow] of this.#flows) if (matches(flow) && this.#flows.delete(key)) count++;
    return count;
  }

  close(connection: Connection): void {
    if (this.#closed.length >= closedCapacity) this.#closed.shift();
    this.#closed.push(tracked(connection, this.#kernel.loop.now));
  }
}

function keyOf({ sourcePort }: Packet, sourceIP: string, ip: string, port: number): string {
  return `${sourceIP}:${sourcePort} ${ip}:${port}`;
}
