/** The body of a watch over HTTP: one JSON line an event, or one frame of protobuf (endpoints/handlers/watch.go). */
import type { Watch, WatchEvent, WatchHandler } from '../../../client/client.ts';
import { Errno, noBytes, OpenFile, utf8 } from '../../../kernel/index.ts';
import type { ByteString } from '../../../kernel/index.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import { StatusError } from '../../../machinery/status-error.ts';

/** A client that reads so slowly that this many bytes wait is cut off. */
const maxBacklog = 64 << 20;

const jsonLine = (type: string, object: object): ByteString => utf8(`${JSON.stringify({ type, object })}\n`);

export class WatchStream extends OpenFile implements WatchHandler<ApiObject> {
  watch: Watch | undefined;
  /** Called once, when either side has ended it. */
  onClosed: (() => void) | undefined;
  readonly #encode: (object: ApiObject, type: WatchEvent<ApiObject>['type']) => object;
  readonly #frame: (type: string, object: object) => ByteString;
  /** Bytes that are encoded but did not fit into the last read. */
  #rest: ByteString = noBytes;
  #events: ByteString[] = [];
  #size = 0;
  #isOver = false;

  /** `encode` gives what stands in `object`: the object itself, or a Table of it. `frame` writes an event. */
  constructor(encode: (object: ApiObject, type: WatchEvent<ApiObject>['type']) => object, frame = jsonLine) {
    super();
    this.#encode = encode;
    this.#frame = frame;
  }

  onEvent({ type, object }: WatchEvent<ApiObject>): void {
    this.#push(this.#frame(type, this.#encode(object, type)));
  }

  onEnd(error: Error | undefined): void {
    if (error instanceof StatusError) this.#push(this.#frame('ERROR', error.status));
    this.#isOver = true;
    this.readable.wake();
    this.#tellEnd();
  }

  override read(max: number): ByteString | undefined {
    if (this.#events.length > 0) {
      this.#rest = (this.#rest + this.#events.join('')) as ByteString;
      this.#events = [];
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

  #push(event: ByteString): void {
    if (this.#isOver) return;
    this.#events.push(event);
    this.#size += event.length;
    this.readable.wake();
    if (this.#size <= maxBacklog) return;
    this.watch?.stop();
    this.#isOver = true;
  }
}
