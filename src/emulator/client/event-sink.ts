import { events } from '../api/core/event.ts';
import type { Event } from '../api/generated/types.ts';
import type { Call, Fiber, Kernel } from '../kernel/index.ts';
import { isErrno } from '../kernel/index.ts';
import type { Draft } from '../machinery/objects.ts';
import { isNotFound, StatusError } from '../machinery/status-error.ts';
import type { Client } from './client.ts';

/** client-go/tools/record/event.go */
const maxTries = 12;
const retryMs = 10_000;
const maxQueued = 1000;

/** An Event to write: new, or what changes of one that was written before. */
export interface EventWrite {
  readonly event: Draft<Event>;
  readonly patch?: object | undefined;
}

/** Writes Events one after the other, beside what its component does, and tries again while the server is away. */
export class EventSink {
  readonly #kernel: Kernel;
  readonly #client: Client;
  readonly #queue: EventWrite[] = [];
  #fiber: Fiber | undefined;
  #isStopped = false;

  constructor(kernel: Kernel, client: Client) {
    this.#kernel = kernel;
    this.#client = client;
  }

  write(event: EventWrite): void {
    if (this.#isStopped || this.#queue.length >= maxQueued) return;
    this.#queue.push(event);
    if (!this.#fiber || this.#fiber.isDone) this.#fiber = this.#kernel.fiber(this.#drain(), { background: true });
  }

  stop(): void {
    this.#isStopped = true;
    this.#fiber?.cancel();
  }

  *#drain(): Call<void> {
    for (let next = this.#queue[0]; next; next = this.#queue[0]) {
      for (let tries = 1; !(yield* this.#attempt(next)) && tries < maxTries; tries++) {
        yield* this.#kernel.sleep(retryMs * (1 + this.#kernel.random.fraction() / 4), true);
      }
      this.#queue.shift();
    }
  }

  /** False if the server did not answer; an Event that it refuses is dropped, as upstream does. */
  *#attempt({ event, patch }: EventWrite): Call<boolean> {
    try {
      if (patch) {
        const ref = { namespace: event.metadata.namespace, name: event.metadata.name! };
        try {
          yield* this.#client.patch(events, ref, { type: 'application/strategic-merge-patch+json', body: patch });
          return true;
        } catch (error) {
          if (!isNotFound(error)) throw error; // It expired: write it anew.
        }
      }
      yield* this.#client.create(events, event);
      return true;
    } catch (error) {
      if (isErrno(error)) return false;
      if (error instanceof StatusError) return true;
      throw error;
    }
  }
}
