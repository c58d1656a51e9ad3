import type { Call, Errno, Fiber, Kernel } from '../../kernel/index.ts';
import { WaitQueue } from '../../kernel/index.ts';

/** An answer on its way. The server works in a fiber of its own, so that either end can go away. */
export class Pending<T> {
  error: unknown;
  isDone = false;
  readonly #kernel: Kernel;
  readonly #changed = new WaitQueue();
  readonly #fiber: Fiber;
  #value: T | undefined;

  constructor(kernel: Kernel, work: Call<T>) {
    this.#kernel = kernel;
    this.#fiber = kernel.fiber(this.#run(work), { background: kernel.isInBackground });
  }

  /** Gives up on it: whoever waits gets the error, and the server goes no further. */
  fail(error: Errno): void {
    if (this.isDone) return;
    this.#fiber.cancel();
    this.error = error;
    this.isDone = true;
    this.#changed.wake();
  }

  /** Blocks until it is there or a time has come; then it fails with `late`. */
  *wait(deadlineMs: number, late: Errno): Call<void> {
    if (this.isDone) return;
    const { loop } = this.#kernel;
    const left = deadlineMs - loop.now;
    const timer = left < Number.POSITIVE_INFINITY ? loop.timer(left, () => this.fail(late), this.#kernel.isInBackground) : undefined;
    try {
      while (!this.isDone) yield* this.#kernel.block(this.#changed, 'answer');
    } finally {
      timer?.cancel();
    }
  }

  /** What came of it, once it is done. Throws what the server let out. */
  get value(): T {
    if (this.error !== undefined) throw this.error;
    return this.#value as T;
  }

  *#run(work: Call<T>): Call<void> {
    try {
      this.#value = yield* work;
    } catch (error) {
      this.error = error;
    }
    this.isDone = true;
    this.#changed.wake();
  }
}
