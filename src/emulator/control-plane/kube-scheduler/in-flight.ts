import type { ClusterEvent } from './events.ts';

/**
 * What has happened while Pods were being scheduled (pkg/scheduler/backend/queue/active_queue.go, inFlightEvents): a Pod that
 * was rejected looks through it before it goes to wait, lest it miss what would have helped it.
 */
export class InFlightEvents {
  #events: ClusterEvent[] = [];
  #pods = 0;
  /** How many events were let go before the first that is kept. */
  #offset = 0;

  /** A Pod is being scheduled. Returns where its events begin. */
  begin(): number {
    this.#pods++;
    return this.#offset + this.#events.length;
  }

  add(event: ClusterEvent): void {
    if (this.#pods > 0) this.#events.push(event);
  }

  since(position: number): readonly ClusterEvent[] {
    return this.#events.slice(position - this.#offset);
  }

  /** It has come to an end with one Pod; without any, nothing needs to be kept. */
  end(): void {
    if (--this.#pods > 0 || this.#events.length === 0) return;
    this.#offset += this.#events.length;
    this.#events = [];
  }
}
