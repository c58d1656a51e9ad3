/** Frames as tcpdump sees them: what a connection sends, at every interface by which it passes. Made only while somebody looks. */
import type { PacketHop } from '../../kernel/index.ts';
import type { DnsAnswer, DnsQuery } from './dns.ts';
import { isDnsQuery } from './dns.ts';
import type { Protocol } from './packet.ts';

/** One segment or datagram on its whole way; `hops` is the way of the connection's first packet, which answers go backwards. */
export interface Frame {
  readonly hops: readonly PacketHop[];
  readonly protocol: Protocol;
  /** The port of who began; 0 for ICMP. */
  readonly clientPort: number;
  readonly isAnswer: boolean;
  /** As tcpdump prints what is behind the addresses: `Flags [S], seq 1, …, length 0`. */
  readonly text: string;
}

export type Tap = (frame: Frame) => void;

/** What shows frames to the taps. */
interface Wire {
  show(frame: Frame): void;
}

/** A message's header, the type and class behind a question's name, and a record of an address whose name is a pointer. */
const [dnsHeaderBytes, questionBytes, recordBytes] = [12, 4, 16];

/** A datagram as tcpdump tells of it: DNS in full, others by their length. An answer's size depends on the question that it repeats. */
export function aboutMessage(payload: unknown, question?: unknown): string {
  if (isDnsQuery(payload)) return `${payload.id}+ ${payload.type}? ${payload.name} (${questionSize(payload)})`;
  if (!isDnsMessage(payload)) return `UDP, length ${typeof payload === 'string' ? payload.length : 0}`;
  const { id, code, isAuthoritative, isRecursive, answers, authority, additional } = payload;
  const counts = `${answers.length}/${authority.length}/${additional.length}`;
  const shown = answers.map(({ type, data }) => ` ${type} ${data}`).join(',');
  const asked = isDnsQuery(question) ? questionSize(question) : dnsHeaderBytes;
  const bytes = answers.reduce((sum, { type, data }) => sum + recordBytes + (type === 'A' ? 0 : data.length - 4), asked);
  const flags = `${isAuthoritative ? '*' : ''}${isRecursive ? '' : '-'}`;
  return `${id}${code === 'NOERROR' ? '' : ` ${code === 'NXDOMAIN' ? 'NXDomain' : code}`}${flags} ${counts}${shown} (${bytes})`;
}

const questionSize = ({ name }: DnsQuery): number => dnsHeaderBytes + name.length + 1 + questionBytes;

function isDnsMessage(payload: unknown): payload is DnsAnswer {
  return typeof payload === 'object' && payload !== null && 'code' in payload && 'answers' in payload;
}

/** Any 32 bits that differ from connection to connection; not from the random source, since to look must not change what happens later. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return value;
}

/** What fits into a segment of a connection: an Ethernet frame or a tunnel's, without the headers of IP and TCP. */
const headerBytes = 40;

/** The segments of one connection, numbered as tcpdump numbers them. */
export class TcpCapture {
  readonly #wire: Wire;
  readonly #hops: readonly PacketHop[];
  readonly #clientPort: number;
  readonly #first: readonly [client: number, server: number];
  readonly #mss: number;
  /** The next byte of each end. */
  readonly #next = { client: 1, server: 1 };
  readonly #now: () => number;
  #isEstablished = false;
  #isClosed = false;

  constructor(
    wire: Wire,
    hops: readonly PacketHop[],
    parts: { readonly clientPort: number; readonly mtu: number; readonly now: () => number },
  ) {
    this.#wire = wire;
    this.#hops = hops;
    this.#clientPort = parts.clientPort;
    this.#mss = parts.mtu - headerBytes;
    this.#now = parts.now;
    const name = `${hops[0]!.source} ${hops[0]!.destination} ${parts.clientPort}`;
    this.#first = [hash(`${name} client`), hash(`${name} server`)];
  }

  syn(): void {
    this.#emit(
      false,
      `Flags [S], seq ${this.#first[0]}, win 64240, options [mss ${this.#mss},sackOK,${this.#stamps(false)},nop,wscale 7], length 0`,
    );
  }

  /** The server takes the connection, and the client says that it has heard. */
  established(): void {
    const [client, server] = this.#first;
    this.#emit(
      true,
      `Flags [S.], seq ${server}, ack ${(client + 1) >>> 0}, win 65160, options [mss ${this.#mss},sackOK,${this.#stamps(true)},nop,wscale 7], length 0`,
    );
    this.#isEstablished = true;
    this.#acknowledge(false);
  }

  /** The port is closed. */
  refused(): void {
    this.#emit(true, `Flags [R.], seq 0, ack ${(this.#first[0] + 1) >>> 0}, win 0, length 0`);
    this.#isClosed = true;
  }

  /** Bytes of one end, and that the other has got them. */
  data(isAnswer: boolean, length: number, what: string): void {
    if (this.#isClosed || length === 0) return;
    const from = isAnswer ? 'server' : 'client';
    const start = this.#next[from];
    this.#next[from] = start + length;
    const rest = what === '' ? '' : `: ${what}`;
    this.#emit(
      isAnswer,
      `Flags [P.], seq ${start}:${start + length}, ack ${this.#next[isAnswer ? 'client' : 'server']}, ${this.#tail(isAnswer)}, length ${length}${rest}`,
    );
    this.#acknowledge(!isAnswer);
  }

  /** Both ends say that they are done, the client first. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const isAnswer of [false, true]) {
      const from = isAnswer ? 'server' : 'client';
      this.#emit(
        isAnswer,
        `Flags [F.], seq ${this.#next[from]}, ack ${this.#next[isAnswer ? 'client' : 'server']}, ${this.#tail(isAnswer)}, length 0`,
      );
      this.#next[from]++;
    }
    this.#acknowledge(false);
  }

  #acknowledge(isAnswer: boolean): void {
    this.#emit(isAnswer, `Flags [.], ack ${this.#next[isAnswer ? 'client' : 'server']}, ${this.#tail(isAnswer)}, length 0`);
  }

  #tail(isAnswer: boolean): string {
    return `win ${isAnswer ? 509 : 502}, options [nop,nop,${this.#stamps(isAnswer)}]`;
  }

  #stamps(isAnswer: boolean): string {
    const now = Math.floor(this.#now());
    const [own, other] = this.#first.map((first) => ((first >>> 1) + now) >>> 0);
    return isAnswer ? `TS val ${other} ecr ${own}` : `TS val ${own} ecr ${this.#isEstablished ? other : 0}`;
  }

  #emit(isAnswer: boolean, text: string): void {
    this.#wire.show({ hops: this.#hops, protocol: 'TCP', clientPort: this.#clientPort, isAnswer, text });
  }
}

/**
 * The four chunks by which an association of SCTP comes about, or is aborted. Differs from Linux: chunks of data and the end of an
 * association are not shown.
 */
export function showAssociation(
  wire: Wire,
  hops: readonly PacketHop[],
  { clientPort, isTaken, outcome }: { readonly clientPort: number; readonly isTaken: boolean; readonly outcome: string },
): void {
  const show = (isAnswer: boolean, text: string): void =>
    wire.show({ hops, protocol: 'SCTP', clientPort, isAnswer, text: `sctp (1) ${text}` });
  const init = (side: string): string => {
    const [tag, tsn] = ['tag', 'tsn'].map((part) => hash(`${part} ${side} ${clientPort} ${hops[0]?.destination}`));
    return `[init tag: ${tag}] [rwnd: 106496] [OS: 10] [MIS: 65535] [init TSN: ${tsn}]`;
  };
  show(false, `[INIT] ${init('client')} `);
  if (outcome !== 'delivered') return;
  if (!isTaken) return show(true, '[ABORT] ');
  show(true, `[INIT ACK] ${init('server')} `);
  show(false, '[COOKIE ECHO] ');
  show(true, '[COOKIE ACK] ');
}
