import { noBytes } from './bytes.ts';
import type { ByteString } from './bytes.ts';
import { Errno } from './errno.ts';
import { OpenFile } from './file.ts';

const capacity = 65_536;
/** Writes up to this size (PIPE_BUF) are never split. */
const atomicSize = 4096;

/** A bounded pipe: the writer blocks when it is full, the reader when it is empty. */
export function createPipe(): { reader: OpenFile; writer: OpenFile } {
  const pipe: { buffer: ByteString } = { buffer: noBytes };
  const reader: PipeReader = new PipeReader(pipe);
  const writer = new PipeWriter(pipe, reader);
  reader.writer = writer;
  return { reader, writer };
}

class PipeReader extends OpenFile {
  isClosed = false;
  writer: PipeWriter | undefined;
  readonly #pipe: { buffer: ByteString };

  constructor(pipe: { buffer: ByteString }) {
    super();
    this.#pipe = pipe;
  }

  override read(max: number): ByteString | undefined {
    const { buffer } = this.#pipe;
    if (buffer === '') return this.writer?.isClosed ? noBytes : undefined;
    const data = buffer.length <= max ? buffer : (buffer.slice(0, max) as ByteString);
    this.#pipe.buffer = buffer.length <= max ? noBytes : (buffer.slice(max) as ByteString);
    this.writer?.writable.wake();
    return data;
  }

  override write(): number {
    throw new Errno('EBADF');
  }

  override closed(): void {
    this.isClosed = true;
    this.writer?.writable.wake();
  }
}

class PipeWriter extends OpenFile {
  isClosed = false;
  readonly #pipe: { buffer: ByteString };
  readonly #reader: PipeReader;

  constructor(pipe: { buffer: ByteString }, reader: PipeReader) {
    super();
    this.#pipe = pipe;
    this.#reader = reader;
  }

  override read(): ByteString | undefined {
    throw new Errno('EBADF');
  }

  override write(data: ByteString): number {
    if (this.#reader.isClosed) throw new Errno('EPIPE');
    const room = capacity - this.#pipe.buffer.length;
    if (room === 0 || (data.length <= atomicSize && room < data.length)) return 0;
    this.#pipe.buffer = (this.#pipe.buffer + (data.length <= room ? data : data.slice(0, room))) as ByteString;
    this.#reader.readable.wake();
    return Math.min(room, data.length);
  }

  override closed(): void {
    this.isClosed = true;
    this.#reader.readable.wake();
  }
}
