/** Light activities of the emulator that may block (a reconcile, a client call): a generator with nothing of a process but its wake-ups. */
import type { Call } from './call.ts';
import type { Kernel } from './kernel.ts';
import type { WaitQueue, Waiter } from './wait-queue.ts';

export class Fiber implements Waiter {
  waitingOn: WaitQueue | undefined;
  isDone = false;
  readonly #kernel: Kernel;
  readonly #body: Call<void>;
  /** Whether its waiting leaves the cluster settled. */
  readonly isBackground: boolean;

  constructor(kernel: Kernel, body: Call<void>, background: boolean) {
    this.#kernel = kernel;
    this.#body = body;
    this.isBackground = background;
  }

  /** Runs until it blocks or ends. An error that the body lets out is the emulator's own and stops the run. */
  resume(): void {
    if (this.isDone) return;
    const before = this.#kernel.current;
    this.#kernel.current = this;
    try {
      if (this.#body.next().done) this.isDone = true;
    } finally {
      this.#kernel.current = before;
    }
  }

  wake(): void {
    this.#kernel.loop.after(0, resume, this, this.isBackground);
  }

  /** It is never resumed again. */
  cancel(): void {
    this.isDone = true;
    this.waitingOn?.remove(this);
  }
}

const resume = (fiber: Fiber): void => fiber.resume();
