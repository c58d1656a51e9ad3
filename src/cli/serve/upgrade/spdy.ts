/**
 * SPDY/3.1 as clients of Kubernetes speak it, the server's side: the client opens streams, both ends write to them. Upstream:
 * moby/spdystream, apimachinery pkg/util/httpstream/spdy.
 *
 * Deliberately absent: flow control, priorities, settings and streams that the server opens, none of which clients use.
 */
import { constants, createInflate } from 'node:zlib';
import type { Inflate } from 'node:zlib';
import { dictionary } from './spdy-dictionary.ts';
import type { Transport } from './transport.ts';

const type = { synStream: 1, synReply: 2, rstStream: 3, ping: 6, goAway: 7 } as const;
const isLast = 1;
/** No frame of a client is as long, and more is not kept for one. */
const maxFrame = 1 << 20;

export class SpdyStream {
  readonly headers: ReadonlyMap<string, string>;
  onData: (data: Buffer) => void = () => {};
  /** The client has nothing more to say. */
  onEnd: () => void = () => {};
  readonly #id: number;
  readonly #transport: Transport;
  #isEnded = false;

  constructor(id: number, headers: ReadonlyMap<string, string>, transport: Transport) {
    this.#id = id;
    this.headers = headers;
    this.#transport = transport;
  }

  /** False when the client has enough for now. */
  write(data: Buffer): boolean {
    return this.#isEnded || this.#transport.send(dataFrame(this.#id, data, 0));
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#transport.send(dataFrame(this.#id, Buffer.alloc(0), isLast));
  }
}

export class SpdyConnection {
  readonly #transport: Transport;
  readonly #onStream: (stream: SpdyStream) => void;
  readonly #onClose: () => void;
  #isClosed = false;
  readonly #streams = new Map<number, SpdyStream>();
  readonly #headers = new HeaderReader();
  #hasReplied = false;
  #rest = Buffer.alloc(0);
  /** Headers are unpacked one after the other, and what follows them waits. */
  #work: Promise<void> = Promise.resolve();

  constructor(transport: Transport, onStream: (stream: SpdyStream) => void, onClose: () => void) {
    this.#transport = transport;
    this.#onStream = onStream;
    this.#onClose = onClose;
  }

  /** Takes in bytes, until they have had their effect. A client that does not speak SPDY is cut off. */
  receive(chunk: Buffer): Promise<void> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 8) {
      const length = this.#rest.readUIntBE(5, 3);
      if (length > maxFrame) {
        this.close();
        break;
      }
      if (this.#rest.length < 8 + length) break;
      const frame = this.#rest.subarray(0, 8 + length);
      this.#rest = this.#rest.subarray(8 + length);
      this.#work = this.#work.then(() => this.#take(frame)).catch(() => this.close());
    }
    return this.#work;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const stream of this.#streams.values()) stream.onEnd();
    this.#streams.clear();
    this.#onClose();
    this.#transport.close();
  }

  async #take(frame: Buffer): Promise<void> {
    const body = frame.subarray(8);
    const flags = frame[4]!;
    if (!(frame[0]! & 0x80)) {
      const id = frame.readUInt32BE(0);
      const stream = this.#streams.get(id);
      if (body.length > 0) stream?.onData(body);
      if (flags & isLast) this.#end(id);
      return;
    }
    const kind = frame.readUInt16BE(2);
    if (kind === type.synStream) {
      const id = body.readUInt32BE(0) & 0x7fff_ffff;
      const stream = new SpdyStream(id, await this.#headers.read(body.subarray(10)), this.#transport);
      this.#streams.set(id, stream);
      this.#transport.send(replyFrame(id, !this.#hasReplied));
      this.#hasReplied = true;
      this.#onStream(stream);
      if (flags & isLast) this.#end(id);
    } else if (kind === type.rstStream) this.#end(body.readUInt32BE(0) & 0x7fff_ffff);
    else if (kind === type.ping) this.#transport.send(frame);
    else if (kind === type.goAway) this.close();
  }

  #end(id: number): void {
    const stream = this.#streams.get(id);
    this.#streams.delete(id);
    stream?.onEnd();
  }
}

function dataFrame(id: number, data: Buffer, flags: number): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(id, 0);
  head[4] = flags;
  head.writeUIntBE(data.length, 5, 3);
  return Buffer.concat([head, data]);
}

/** An answer without headers. */
function replyFrame(id: number, isFirst: boolean): Buffer {
  const block = storedBlock(Buffer.alloc(4), isFirst);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0x8003, 0);
  head.writeUInt16BE(type.synReply, 2);
  head.writeUIntBE(4 + block.length, 5, 3);
  head.writeUInt32BE(id, 8);
  return Buffer.concat([head, block]);
}

/** An empty block, at which a reader hands out what it has read. */
const flushBlock = Buffer.from([0, 0, 0, 0xff, 0xff]);

/** Headers are one zlib stream for the whole connection. Ours has a block for each answer that is stored as it is. */
function storedBlock(data: Buffer, isFirst: boolean): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt16LE(data.length, 1);
  head.writeUInt16LE(~data.length & 0xffff, 3);
  return Buffer.concat([isFirst ? Buffer.from([0x78, 0x01]) : Buffer.alloc(0), head, data, flushBlock]);
}

/** Unpacks the headers of a client's streams. */
class HeaderReader {
  readonly #inflate: Inflate = createInflate({ dictionary, finishFlush: constants.Z_SYNC_FLUSH });

  async read(block: Buffer): Promise<ReadonlyMap<string, string>> {
    const text = await this.#unpack(block);
    const headers = new Map<string, string>();
    let at = 4;
    const next = (): string => {
      const length = text.readUInt32BE(at);
      at += 4 + length;
      return text.subarray(at - length, at).toString('latin1');
    };
    for (let count = text.readUInt32BE(0); count > 0; count--) {
      const name = next().toLowerCase();
      headers.set(name, next());
    }
    return headers;
  }

  #unpack(block: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      const inflate = this.#inflate;
      const take = (chunk: Buffer): void => void chunks.push(chunk);
      inflate.on('data', take);
      inflate.once('error', reject);
      inflate.write(block);
      inflate.flush(() => {
        inflate.off('data', take);
        inflate.off('error', reject);
        resolve(Buffer.concat(chunks));
      });
    });
  }
}
