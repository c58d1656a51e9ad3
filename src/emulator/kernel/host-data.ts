/**
 * Data that the host can fetch when it is wanted, and that is too large to carry along: field descriptions, say. While
 * something waits for it virtual time stands still, so that how long the host takes changes nothing.
 */
import type { Call } from './call.ts';
import type { Kernel } from './kernel.ts';
import { WaitQueue } from './wait-queue.ts';

export class HostData {
  /** What is waited for: the host fetches it and calls `provide`. */
  readonly wanted = new Set<string>();
  readonly #kernel: Kernel;
  readonly #offered = new Set<string>();
  readonly #values = new Map<string, unknown>();
  readonly #arrived = new WaitQueue();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** The host says that it can fetch this. */
  offer(name: string): void {
    this.#offered.add(name);
  }

  provide(name: string, value: unknown): void {
    this.#values.set(name, value);
    this.wanted.delete(name);
    if (this.wanted.size === 0) this.#kernel.loop.stalled = false;
    this.#arrived.wake();
  }

  /** What the host has given already. */
  known<T>(name: string): T | undefined {
    return this.#values.get(name) as T | undefined;
  }

  /** Undefined when the host has no such thing. */
  *get<T>(name: string): Call<T | undefined> {
    if (!this.#offered.has(name)) return undefined;
    while (!this.#values.has(name)) {
      this.wanted.add(name);
      this.#kernel.loop.stalled = true;
      yield* this.#kernel.block(this.#arrived, 'host');
    }
    return this.#values.get(name) as T;
  }

  /** As `get`, for what cannot be shared: the next one who asks has it fetched anew. */
  *take<T>(name: string): Call<T | undefined> {
    const value = yield* this.get<T>(name);
    this.#values.delete(name);
    return value;
  }
}
