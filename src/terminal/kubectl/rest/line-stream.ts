/** Lines of a body as the server writes them, with a limit on how long to wait for the next. */

import type { ByteString, Call, OpenFile, Sys } from '../../../emulator/kernel/index.ts';
import { textOf } from '../../../emulator/kernel/index.ts';

export class LineStream {
  readonly #sys: Sys;
  readonly #file: OpenFile;
  readonly #fd: number;
  #buffer = '';
  /** Whether the last `next` gave up because its time had come. */
  isTimedOut = false;

  constructor(sys: Sys, file: OpenFile) {
    this.#sys = sys;
    this.#file = file;
    this.#fd = sys.fds.add(file);
  }

  /** The next line without its end; undefined at the end of the body, or when virtual time `untilMs` has come. */
  *next(untilMs = Number.POSITIVE_INFINITY): Call<string | undefined> {
    const sys = this.#sys;
    this.isTimedOut = false;
    for (;;) {
      const end = this.#buffer.indexOf('\n');
      if (end >= 0) {
        const line = this.#buffer.slice(0, end);
        this.#buffer = this.#buffer.slice(end + 1);
        return textOf(line as ByteString);
      }
      const data = this.#file.read(65_536);
      if (data === '') return undefined;
      if (data !== undefined) {
        this.#buffer += data;
        continue;
      }
      if (sys.nowMs >= untilMs) {
        this.isTimedOut = true;
        return undefined;
      }
      const timer =
        untilMs === Number.POSITIVE_INFINITY
          ? undefined
          : sys.kernel.loop.timer(untilMs - sys.nowMs, () => this.#file.readable.wake(), sys.isBackground);
      yield* sys.block(this.#file.readable, 'read');
      timer?.cancel();
    }
  }

  /** Tells the server that nobody reads any more. */
  close(): void {
    this.#sys.fds.close(this.#fd);
  }
}
