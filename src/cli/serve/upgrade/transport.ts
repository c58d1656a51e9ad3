/** Bytes to and from a client whose connection is no longer HTTP. */
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { ByteString, Call, Kernel, OpenFile } from '../../../emulator/kernel/index.ts';
import { isErrno, WaitQueue } from '../../../emulator/kernel/index.ts';
import { fromBuffer } from '../bytes.ts';

/** More than this is not handed to a client's connection before it has taken some. */
const maxBuffered = 1 << 20;

export interface Transport {
  /** False when the client has enough for now: wait on `drained`. */
  send(data: Buffer | string): boolean;
  readonly drained: WaitQueue;
  close(): void;
}

/** `onDrained` is called when something may go on. */
export function socketTransport(socket: Socket, onDrained: () => void): Transport {
  const drained = new WaitQueue();
  socket.on('drain', () => {
    drained.wake();
    onDrained();
  });
  return { drained, send: (data) => socket.write(data), close: () => void socket.end() };
}

/** One message for each piece of bytes. */
export function webSocketTransport(socket: WebSocket, onDrained: () => void): Transport {
  const drained = new WaitQueue();
  return {
    drained,
    send(data) {
      socket.send(data, () => {
        if (socket.bufferedAmount > maxBuffered) return;
        drained.wake();
        onDrained();
      });
      return socket.bufferedAmount <= maxBuffered;
    },
    close: () => socket.close(1000),
  };
}

/** What a client sent and nobody has taken yet. */
export class Inbox {
  readonly #arrived = new WaitQueue();
  #chunks: ByteString[] = [];
  #isEnded = false;

  push(data: Buffer): void {
    if (data.length > 0 && !this.#isEnded) this.#chunks.push(fromBuffer(data));
    this.#arrived.wake();
  }

  end(): void {
    this.#isEnded = true;
    this.#arrived.wake();
  }

  /** Copies all that comes to a file, and closes it at the end. */
  *feed(kernel: Kernel, to: OpenFile): Call<void> {
    try {
      while (!this.#isEnded || this.#chunks.length > 0) {
        const chunks = this.#chunks;
        this.#chunks = [];
        for (const chunk of chunks) yield* writeAll(kernel, to, chunk);
        if (this.#chunks.length === 0 && !this.#isEnded) yield* kernel.block(this.#arrived, 'remote');
      }
    } catch (error) {
      if (!isErrno(error)) throw error; // Nobody reads any more.
    }
    to.closed();
  }
}

function* writeAll(kernel: Kernel, to: OpenFile, data: ByteString): Call<void> {
  for (let rest = data; rest !== ''; ) {
    rest = rest.slice(to.write(rest)) as ByteString;
    if (rest !== '') yield* kernel.block(to.writable, 'remote');
  }
}

/** Copies a file as it grows, no faster than the client takes it, until its end. */
export function* copyOut(kernel: Kernel, from: OpenFile, { drained }: Transport, send: (data: ByteString) => boolean): Call<void> {
  from.refs++;
  try {
    for (let data = from.read(16_384); data !== ''; data = from.read(16_384)) {
      if (data === undefined) yield* kernel.block(from.readable, 'remote');
      else if (!send(data)) yield* kernel.block(drained, 'remote');
    }
  } catch (error) {
    if (!isErrno(error)) throw error; // The far side broke off.
  }
  release(from);
}

/** Lets go of what was held. */
export function release(file: OpenFile): void {
  if (file.refs > 0 && --file.refs === 0) file.closed();
}
