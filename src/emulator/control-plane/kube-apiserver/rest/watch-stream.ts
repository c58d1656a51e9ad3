/** The body of a watch over HTTP: one JSON line an event (endpoints/handlers/watch.go). */
import type { Watch, WatchEvent, WatchHandler } from '../../../client/client.ts';
import { Errno, noBytes, OpenFile, utf8 } from '../../../kernel/index.ts';
import type { ByteString } from '../../../kernel/index.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import { StatusError } from '../../../machinery/status-error.ts';

/** A client that reads so slowly that this many bytes wait is cut off. */
const maxBacklog = 64 << 20;

export class WatchStream extends OpenFile implements WatchHandler<ApiObject> {
  watch: Watch | undefined;
  /** Called once, when either side has ended it. */
  onClosed: (() => void) | undefined;
  readonly #encode: (object: ApiObject) => object;
  /** Bytes that are encoded but did not fit into the last read. */
  #rest: ByteString = noBytes;
  #lines: string[] = [];
  #size = 0;
  #isOver = false;

  /** `encode` gives what stands in `object`: the object itself, or a Table of it. */
  constructor(encode: (object: ApiObject) => object) {
    super();
    this.#encode = encode;
  }

  onEvent({ type, object }: WatchEvent<ApiObject>): void {
    this.#push(`${JSON.stringify({ type, object: type === 'BOOKMARK' ? object : this.#encode(object) })}\n`);
  }

  onEnd(error: Error | undefined): void {
    if (error instanceof StatusError) this.#push(`${JSON.stringify({ type: 'ERROR', object: error.status })}\n`);
    this.#isOver = true;
    this.readable.wake();
    this.#tellEnd();
  }

  override read(max: number): ByteString | undefined {
    if (this.#lines.length > 0) {
      this.#rest = (this.#rest + utf8(this.#lines.join(''))) as ByteString;
      this.#lines = [];
      this.#size = 0;
    }
    if (this.#rest === '') return this.#isOver ? noBytes : undefined;
    const bytes = this.#rest.slice(0, max) as ByteString;
    this.#rest = this.#rest.slice(max) as ByteString;
    return bytes;
  }

  override write(): number {
    throw new Errno('EBADF');
  }

  override closed(): void {
    this.#isOver = true;
    this.watch?.stop();
    this.#tellEnd();
  }

  #tellEnd(): void {
    const tell = this.onClosed;
    this.onClosed = undefined;
    tell?.();
  }

  #push(line: string): void {
    if (this.#isOver) return;
    this.#lines.push(line);
    this.#size += line.length;
    this.readable.wake();
    if (this.#size <= maxBacklog) return;
    this.watch?.stop();
    this.#isOver = true;
  }
}
