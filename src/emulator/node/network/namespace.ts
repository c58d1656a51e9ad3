import type {
  Address,
  PacketHop,
  Call,
  ConnectOptions,
  DuplexStream,
  HttpRequest,
  HttpResponse,
  Kernel,
  Listener,
  NetNamespace,
  Service,
  Transport,
} from '../../kernel/index.ts';
import { Errno } from '../../kernel/index.ts';
import { isIPv6Text } from '../../machinery/ipv6.ts';
import { aboutMessage, showAssociation, TcpCapture } from './capture.ts';
import { Connection } from './connection.ts';
import type { ExchangeOptions } from './exchange.ts';
import { exchange } from './exchange.ts';
import { isLoopback } from './ipv4.ts';
import type { NodeNetwork } from './node-network.ts';
import { aboutDns } from './dns.ts';
import { answerText, hopOf } from './hops.ts';
import { ethernetMtu } from './interfaces.ts';
import type { Outcome, Packet } from './packet.ts';
import { pass } from './pass.ts';
import { Pending } from './pending.ts';
import { Socket } from './socket.ts';
import { openStream } from './stream.ts';
import { transferMs } from './transfer.ts';

/** tcp_syn_retries = 6: after 1, 2, 4, … seconds without an answer, 127 s in all. */
const synTimeoutMs = 127_000;
const firstRetryMs = 1000;
/** rto_initial, rto_max and max_init_retransmits = 8 of net.sctp: after 3, 6, 12, … at most 60 s, 333 s in all. */
const initTimeoutMs = 333_000;
const firstInitRetryMs = 3000;
const mostInitRetryMs = 60_000;
/** Three unanswered ARP requests, one a second. */
const arpTimeoutMs = 3000;
/** What programs wait for an answer to a datagram if they do not say. */
const datagramTimeoutMs = 5000;
const firstEphemeralPort = 32_768;
const lastEphemeralPort = 60_999;

const errors = { rejected: 'ECONNREFUSED', dropped: 'ETIMEDOUT', 'host-unreachable': 'EHOSTUNREACH', 'no-route': 'ENETUNREACH' } as const;

/** A network namespace: the node's own (root) or a Pod's. Small, since there is one a Pod: what it lacks it does not allocate. */
export class Namespace implements NetNamespace {
  readonly node: NodeNetwork;
  /** What the trace calls it: `node-1`, `default/web-x`. */
  readonly name: string;
  readonly isRoot: boolean;
  #addresses: readonly string[] = [];
  #sockets: Socket[] | undefined;
  #connections: Set<Connection> | undefined;
  #nextPort = firstEphemeralPort;
  /** Segments that were sent again from here. */
  retransmits = 0;
  /** Connections that its processes have asked for. */
  opened = 0;

  constructor(node: NodeNetwork, name: string, isRoot: boolean) {
    this.node = node;
    this.name = name;
    this.isRoot = isRoot;
  }

  get kernel(): Kernel {
    return this.node.network.kernel;
  }

  get addresses(): readonly string[] {
    return this.#addresses;
  }

  get listeners(): readonly Socket[] {
    return this.#sockets ?? [];
  }

  /** Connections that its own processes opened. */
  get connections(): Set<Connection> {
    return (this.#connections ??= new Set());
  }

  /** Its address of the family that another one is of. */
  addressLike(ip: string): string | undefined {
    const isSix = isIPv6Text(ip);
    return this.#addresses.find((own) => isIPv6Text(own) === isSix);
  }

  setAddresses(addresses: readonly string[]): void {
    this.#addresses = addresses;
  }

  *connect(to: Address, options: ConnectOptions = {}): Call<Connection> {
    const { network } = this.node;
    const { loop } = this.kernel;
    const isSctp = options.protocol === 'SCTP';
    const protocol = isSctp ? 'SCTP' : 'TCP';
    const deadline = loop.now + (options.timeoutMs ?? (isSctp ? initTimeoutMs : synTimeoutMs));
    const localPort = this.#ephemeralPort();
    const [firstMs, mostMs] = isSctp ? [firstInitRetryMs, mostInitRetryMs] : [firstRetryMs, synTimeoutMs];
    for (let retryMs = firstMs; ; retryMs = Math.min(2 * retryMs, mostMs)) {
      const packet = network.send(this, protocol, to.ip, to.port);
      if (retryMs > firstMs) this.retransmits++;
      else this.opened++;
      const { outcome, target, latencyMs, sourceIP, onOpen } = packet;
      const socket = target?.socketFor(protocol, packet.ip, packet.port);
      const remote = { ip: packet.ip, port: packet.port };
      if (packet.hops) this.#record(packet, socket, undefined, retryMs > firstMs);
      const capture = network.taps.size > 0 && packet.hops && !isSctp ? this.#capture(packet.hops, localPort) : undefined;
      if (isSctp && packet.hops)
        showAssociation(network, packet.hops, { clientPort: localPort, isTaken: socket?.isOpen === true, outcome });
      capture?.syn();
      if (outcome === 'delivered' || outcome === 'rejected') {
        yield* this.#passBy(2 * latencyMs, deadline);
        if (!socket?.isOpen) capture?.refused();
        if (!socket?.isOpen) throw new Errno('ECONNREFUSED');
        capture?.established();
        socket.accepted++;
        const connection = new Connection(this, target!, {
          dialed: to,
          local: { ip: this.#localIP(to.ip), port: localPort },
          remote,
          peerIP: sourceIP,
          latencyMs,
          socket,
          capture,
        });
        onOpen?.(connection);
        return connection;
      }
      if (outcome !== 'dropped') yield* this.#fail(outcome, deadline);
      if (loop.now + retryMs >= deadline) yield* this.#fail('dropped', deadline);
      yield* pass(this.kernel, retryMs);
    }
  }

  *request(to: Address, request: HttpRequest, options: ConnectOptions & ExchangeOptions = {}): Call<HttpResponse> {
    const startedMs = this.kernel.loop.now;
    const { timeoutMs = Number.POSITIVE_INFINITY, dialTimeoutMs = synTimeoutMs } = options;
    const connection = yield* this.connect(to, { timeoutMs: Math.min(timeoutMs, dialTimeoutMs) });
    const left = options.timeoutMs === undefined ? undefined : options.timeoutMs - (this.kernel.loop.now - startedMs);
    return yield* exchange(this.kernel, connection, request, { ...options, timeoutMs: left });
  }

  *datagram(to: Address, payload: unknown, options: ConnectOptions = {}): Call<unknown> {
    const { network } = this.node;
    const deadline = this.kernel.loop.now + (options.timeoutMs ?? datagramTimeoutMs);
    if (options.protocol === 'TCP') return yield* this.#message(to, payload, deadline);
    const sourcePort = options.localPort ?? this.#ephemeralPort();
    const packet = network.send(this, 'UDP', to.ip, to.port, { port: sourcePort, isKept: options.localPort !== undefined });
    const { outcome, target, latencyMs, sourceIP, flow } = packet;
    const socket = target?.socketFor('UDP', packet.ip, packet.port);
    const { hops } = packet;
    if (hops) this.#record(packet, socket, aboutDns(payload));
    if (hops) network.show({ hops, protocol: 'UDP', clientPort: sourcePort, isAnswer: false, text: aboutMessage(payload) });
    if (outcome !== 'delivered' && outcome !== 'rejected') yield* this.#fail(outcome, deadline);
    if (socket) socket.accepted++;
    const answer = socket?.service.datagram?.(payload, { ip: sourceIP, port: sourcePort, isTls: false });
    const value = isCall(answer) ? yield* this.#answerOf(answer, deadline) : answer;
    yield* this.#passBy(2 * latencyMs, deadline);
    if (!socket) throw new Errno('ECONNREFUSED');
    if (value === undefined) yield* this.#fail('dropped', deadline);
    if (hops) network.show({ hops, protocol: 'UDP', clientPort: sourcePort, isAnswer: true, text: aboutMessage(value, payload) });
    if (flow) flow.isAnswered = true;
    return value;
  }

  /** One message over a connection of its own, and its answer. */
  *#message(to: Address, payload: unknown, deadline: number): Call<unknown> {
    const connection = yield* this.connect(to, { timeoutMs: deadline - this.kernel.loop.now });
    const { service, latencyMs } = connection;
    try {
      yield* this.#passBy(latencyMs + transferMs(connection, false, 0), deadline);
      const answer = service.datagram?.(payload, connection.peer());
      const value = isCall(answer) ? yield* this.#answerOf(answer, deadline) : answer;
      yield* this.#passBy(latencyMs + transferMs(connection, true, 0), deadline);
      if (value === undefined || !connection.isOpen) throw new Errno('ECONNRESET');
      return value;
    } finally {
      connection.close();
    }
  }

  *ping(ip: string, options: ConnectOptions = {}): Call<number> {
    const { network } = this.node;
    const deadline = this.kernel.loop.now + (options.timeoutMs ?? datagramTimeoutMs);
    const packet = network.send(this, 'ICMP', ip, 0);
    const { outcome, latencyMs, hops } = packet;
    if (hops) this.#record(packet);
    const echo = hops && network.taps.size > 0 ? network.nextEcho(options.bytes ?? 56) : '';
    if (hops) network.show({ hops, protocol: 'ICMP', clientPort: 0, isAnswer: false, text: `ICMP echo request, ${echo}` });
    if (outcome !== 'delivered') yield* this.#fail(outcome, deadline);
    yield* this.#passBy(2 * latencyMs, deadline);
    if (hops) network.show({ hops, protocol: 'ICMP', clientPort: 0, isAnswer: true, text: `ICMP echo reply, ${echo}` });
    return 2 * latencyMs;
  }

  listen(
    port: number,
    service: Service,
    { ip = '0.0.0.0', protocol = 'TCP' }: { readonly ip?: string; readonly protocol?: Transport } = {},
  ): Listener {
    if (ip !== '0.0.0.0' && !isLoopback(ip) && !this.#addresses.includes(ip)) throw new Errno('EADDRNOTAVAIL');
    const wanted = port === 0 ? this.#ephemeralPort() : port;
    for (const other of this.listeners) {
      const isSamePort = other.address.port === wanted && other.protocol === protocol;
      if (isSamePort && (other.accepts(ip) || ip === '0.0.0.0')) throw new Errno('EADDRINUSE');
    }
    const socket = new Socket(this, { ip, port: wanted }, protocol, service);
    if (this.#sockets?.length) this.#sockets.push(socket);
    else this.#sockets = [socket];
    return socket;
  }

  open(connection: Connection): DuplexStream {
    return openStream(this.kernel, connection);
  }

  /** The socket that takes a packet to this address and port. */
  socketFor(protocol: Transport, ip: string, port: number): Socket | undefined {
    return this.#sockets?.find((socket) => socket.address.port === port && socket.protocol === protocol && socket.accepts(ip));
  }

  forget(socket: Socket): void {
    this.#sockets = this.#sockets?.filter((other) => other !== socket);
  }

  /** Ends all that listens or is connected here. */
  close(): void {
    for (const socket of [...this.listeners]) socket.close();
    for (const connection of [...(this.#connections ?? [])]) connection.close();
  }

  /** Ends the path of a packet with what the sender hears, and puts it on record. */
  #record(packet: Packet, socket?: Socket, about?: string, isAgain = false): void {
    endPath(packet, socket);
    const isTaken = packet.protocol === 'ICMP' ? packet.outcome === 'delivered' : socket !== undefined;
    this.node.network.record(this, packet, { outcome: isTaken ? 'delivered' : nameOf(packet.outcome), about, isAgain });
  }

  /** Shows the segments of a connection that begins. */
  #capture(hops: readonly PacketHop[], clientPort: number): TcpCapture {
    const { node, kernel } = this;
    const isTunnelled = hops.some(({ kind }) => kind === 'tunnel');
    const mtu = this.isRoot && !isTunnelled ? ethernetMtu : (node.podNetwork?.mtu ?? ethernetMtu);
    return new TcpCapture(node.network, hops, { clientPort, mtu, now: () => kernel.loop.now });
  }

  *#answerOf(answer: Call<unknown>, deadline: number): Call<unknown> {
    const pending = new Pending(this.kernel, answer);
    yield* pending.wait(deadline, new Errno('ETIMEDOUT'));
    return pending.value;
  }

  *#passBy(ms: number, deadline: number): Call<void> {
    const left = deadline - this.kernel.loop.now;
    if (ms > 0) yield* pass(this.kernel, Math.min(ms, left));
    if (ms > left) throw new Errno('ETIMEDOUT');
  }

  /** Waits as long as the sender would, and throws what it would be told. */
  *#fail(outcome: Exclude<Outcome, 'delivered'>, deadline: number): Call<never> {
    if (outcome === 'host-unreachable') yield* this.#passBy(arpTimeoutMs, deadline);
    if (outcome === 'dropped') yield* pass(this.kernel, deadline - this.kernel.loop.now);
    throw new Errno(errors[outcome]);
  }

  #localIP(to: string): string {
    return isLoopback(to) ? to : (this.addressLike(to) ?? '127.0.0.1');
  }

  #ephemeralPort(): number {
    const port = this.#nextPort;
    this.#nextPort = port === lastEphemeralPort ? firstEphemeralPort : port + 1;
    return port;
  }
}

/** The last station: an answer on its way back, or a closed port. */
export function endPath(packet: Packet, socket: Socket | undefined): void {
  const { outcome, target, hops, protocol, port } = packet;
  if (outcome !== 'delivered' || !target || !hops) return;
  if (socket || protocol === 'ICMP') hops.push(hopOf(packet, 'answer', target.node.name, answerText(hops)));
  else hops.push(hopOf(packet, 'refusal', target.node.name, `nothing in ${target.name} listens on port ${port}/${protocol}`));
}

function nameOf(outcome: Outcome): string {
  return outcome === 'delivered' ? 'ECONNREFUSED' : errors[outcome];
}

function isCall(value: unknown): value is Call<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { next?: unknown }).next === 'function';
}
