/**
 * What a link that delays or loses packets does to an open connection: TCP sends again what was lost, and is slower for it.
 *
 * - A flight of segments that loses some while others arrive is mended after a round trip (fast retransmit); one that loses its end is
 *   sent again after a timeout, which doubles each time (RFC 6298; 200 ms and a round trip at first, as Linux has it), sixteen times at
 *   most (tcp_retries2).
 * - The window begins with ten segments, doubles while all goes well, and halves with each loss.
 * - A connection whose ways are as they should be costs nothing here.
 *
 * Differs from Linux: the window is not kept from one message to the next, and congestion control is no more than that. Calls that
 * parts of the emulator make over an open session (kubelet, controllers) and etcd's own messages lose nothing.
 */
import type { Kernel } from '../../kernel/index.ts';
import { OpenFile } from '../../kernel/index.ts';
import type { ByteString } from '../../kernel/index.ts';
import type { Connection } from './connection.ts';
import { ethernetMtu } from './interfaces.ts';

const headerBytes = 40;
const firstWindow = 10;
const mostWindow = 512;
const minTimeoutMs = 200;
const maxTimeoutMs = 120_000;
const maxRetries = 15;
/** Segments that arrive after a gap and tell the sender of it. */
const duplicatesThatTell = 3;

/** Whether something is done to what this connection sends. */
export function isShaped({ from, to }: Connection): boolean {
  return from.node !== to.node && (from.node.netem !== undefined || to.node.netem !== undefined);
}

/** The timeout after which a segment is sent again, in milliseconds. */
export const retransmitTimeoutMs = ({ latencyMs }: Connection): number => minTimeoutMs + 2 * latencyMs;

/** How much later than over a perfect wire so many bytes are all there, in milliseconds. Closes the connection when it is given up. */
export function transferMs(connection: Connection, isAnswer: boolean, bytes: number): number {
  if (!isShaped(connection)) return 0;
  const { from, to } = connection;
  const sender = isAnswer ? to : from;
  const { loss } = sender.node;
  const roundTripMs = 2 * connection.latencyMs;
  let left = Math.max(1, Math.ceil(bytes / ((sender.node.podNetwork?.mtu ?? ethernetMtu) - headerBytes)));
  let [waited, retries] = [0, 0];
  for (let window = firstWindow; left > 0; ) {
    const sent = Math.min(left, window);
    const lost = loss > 0 ? countLost(sender.kernel, sent, loss) : 0;
    left -= sent - lost;
    sender.retransmits += lost;
    connection.retransmits += lost;
    if (lost === 0) {
      window = Math.min(2 * window, mostWindow);
      retries = 0;
      if (left > 0) waited += roundTripMs;
    } else if (sent - lost >= duplicatesThatTell) {
      waited += roundTripMs;
      window = Math.max(2, window >> 1);
    } else if (retries++ < maxRetries) {
      waited += Math.min(retransmitTimeoutMs(connection) * 2 ** (retries - 1), maxTimeoutMs);
      window = 1;
    } else {
      connection.close();
      return waited;
    }
  }
  return waited;
}

function countLost({ random }: Kernel, segments: number, loss: number): number {
  let lost = 0;
  for (let i = 0; i < segments; i++) if (random.fraction() < loss) lost++;
  return lost;
}

/** How many bytes may be on their way before the writer has to wait. */
const mostInFlight = 65_536;
const lookAgainMs = 10;

/** The sending end of a stream: over a link that is shaped, what is written arrives later, and in order. */
export class Sender extends OpenFile {
  readonly #writer: OpenFile;
  readonly #connection: Connection;
  readonly #isAnswer: boolean;
  readonly #flying: { data: ByteString; readonly atMs: number }[] = [];
  #inFlight = 0;
  #isClosed = false;

  constructor(writer: OpenFile, connection: Connection, isAnswer: boolean) {
    super();
    this.#writer = writer;
    this.#connection = connection;
    this.#isAnswer = isAnswer;
  }

  override get writable(): OpenFile['writable'] {
    return this.#flying.length > 0 ? super.writable : this.#writer.writable;
  }

  override read(max: number): ByteString | undefined {
    return this.#writer.read(max);
  }

  override write(data: ByteString): number {
    const connection = this.#connection;
    if (this.#flying.length === 0 && !isShaped(connection)) return this.#writer.write(data);
    if (this.#inFlight >= mostInFlight) return 0;
    const { loop, isInBackground } = connection.from.kernel;
    const dueMs = loop.now + connection.latencyMs + transferMs(connection, this.#isAnswer, data.length);
    const atMs = Math.max(dueMs, this.#flying.at(-1)?.atMs ?? 0);
    this.#flying.push({ data, atMs });
    this.#inFlight += data.length;
    loop.after(atMs - loop.now, this.#land, undefined, isInBackground);
    return data.length;
  }

  override closed(): void {
    this.#isClosed = true;
    if (this.#flying.length === 0 || !this.#connection.isOpen) this.#writer.closed();
  }

  /** Hands over what has arrived, as far as the reader has room. */
  readonly #land = (): void => {
    const { loop, isInBackground } = this.#connection.from.kernel;
    for (let first = this.#flying[0]; first && first.atMs <= loop.now; first = this.#flying[0]) {
      const taken = this.#connection.isOpen ? this.#writer.write(first.data) : first.data.length;
      this.#inFlight -= taken;
      first.data = first.data.slice(taken) as ByteString;
      if (first.data !== '') return void loop.after(lookAgainMs, this.#land, undefined, isInBackground);
      this.#flying.shift();
    }
    super.writable.wake();
    if (this.#flying.length === 0 && this.#isClosed) this.#writer.closed();
  };
}
