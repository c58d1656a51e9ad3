import type { Call, Fiber, Kernel } from '../kernel/index.ts';
import { isErrno } from '../kernel/index.ts';
import { StatusError } from '../machinery/status-error.ts';

export interface WorkqueueOptions<K> {
  readonly name: string;
  /** Brings the world closer to what the key's object asks for. A StatusError or Errno that it throws is retried with backoff. */
  readonly reconcile: (key: K) => Call<void>;
  /** Reconciles that may be waiting at the same time; the component's --concurrent-… flag. */
  readonly workers?: number;
  /** Virtual milliseconds that a key rests after a reconcile. */
  readonly restMs?: number;
  /** Told of every failed reconcile, for the component's log. */
  readonly onError?: (key: K, error: Error) => void;
}

/** workqueue.DefaultTypedItemBasedRateLimiter of client-go. */
const rateLimit = { firstMs: 5, mostMs: 1_000_000 };
/** From here on (10 s) retrying is background work: what fails so often may fail forever. */
const patientFailures = 11;
const pruneAt = 4096;
/** A key that comes back this often in a row, each time within a second of its rest, runs in circles: a minute of nothing else. */
const hotLoop = { turns: 3000, withinMs: 1000, restMs: 1000 };

/**
 * A workqueue with its workers.
 *
 * - A key that waits is not added twice; one that is added while it is worked on is worked on once more afterwards.
 * - After a reconcile the key rests for as long as a real one and its API calls take. What changes meanwhile is one
 *   reconcile and not a thousand.
 * - A reconcile that fails is retried after 5 ms, doubled up to 1,000 s; one that succeeds forgets its failures.
 * - Nothing runs before `start`, so that no reconcile sees half a cache.
 * - A key that runs in circles (its reconcile changes what makes it run again) is named in `kernel.hotLoops` and slowed down.
 */
export class Workqueue<K> {
  readonly name: string;
  readonly #kernel: Kernel;
  readonly #options: WorkqueueOptions<K>;
  readonly #workers: number;
  readonly #restMs: number;
  readonly #queued = new Set<K>();
  readonly #active = new Map<K, Fiber | undefined>();
  /** Due, but all workers were busy or the queue had not started. */
  #backlog: K[] = [];
  readonly #restUntil = new Map<K, number>();
  readonly #delayed = new Map<K, number>();
  readonly #failures = new Map<K, number>();
  /** How often in a row a key came back at once. Few do, and most of them not for long. */
  readonly #turns = new Map<K, number>();
  #isStarted = false;
  #isStopped = false;

  constructor(kernel: Kernel, options: WorkqueueOptions<K>) {
    this.name = options.name;
    this.#kernel = kernel;
    this.#options = options;
    this.#workers = options.workers ?? 5;
    this.#restMs = options.restMs ?? 20;
  }

  add(key: K): void {
    if (this.#isStopped || this.#queued.has(key)) return;
    this.#queued.add(key);
    if (!this.#active.has(key)) this.#schedule(key);
  }

  /** Adds the key after a while; of several delays of one key the shortest counts. */
  addAfter(key: K, delayMs: number, background = false): void {
    const { loop } = this.#kernel;
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    const at = loop.now + Math.ceil(delayMs);
    const known = this.#delayed.get(key);
    if (this.#isStopped || (known !== undefined && known <= at)) return;
    this.#delayed.set(key, at);
    loop.after(delayMs, this.#addDelayed, key, background);
  }

  /** How often in a row the key's reconcile has failed. */
  failuresOf(key: K): number {
    return this.#failures.get(key) ?? 0;
  }

  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    for (const key of this.#backlog.splice(0)) this.#schedule(key);
  }

  stop(): void {
    this.#isStopped = true;
    for (const fiber of this.#active.values()) fiber?.cancel();
  }

  readonly #addDelayed = (key: K): void => {
    if (this.#delayed.get(key) !== this.#kernel.loop.now) return;
    this.#delayed.delete(key);
    this.add(key);
  };

  #schedule(key: K): void {
    if (this.#isStarted) this.#kernel.loop.after((this.#restUntil.get(key) ?? 0) - this.#kernel.loop.now, this.#run, key);
    else this.#backlog.push(key);
  }

  readonly #run = (key: K): void => {
    if (this.#isStopped) return;
    if (this.#active.size >= this.#workers) {
      this.#backlog.push(key);
      return;
    }
    this.#queued.delete(key);
    this.#active.set(key, undefined);
    const fiber = this.#kernel.fiber(this.#work(key));
    if (!fiber.isDone) this.#active.set(key, fiber);
  };

  *#work(key: K): Call<void> {
    let failure: Error | undefined;
    try {
      yield* this.#options.reconcile(key);
    } catch (error) {
      if (!(error instanceof StatusError) && !isErrno(error)) throw error;
      failure = error;
    }
    this.#active.delete(key);
    this.#rest(key);
    if (this.#queued.has(key)) this.#schedule(key);
    if (failure) this.#retry(key, failure);
    else if (this.#failures.size > 0) this.#failures.delete(key);
    const next = this.#backlog.shift();
    if (next !== undefined) this.#kernel.loop.after(0, this.#run, next);
  }

  #retry(key: K, error: Error): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#options.onError?.(key, error);
    this.addAfter(key, Math.min(rateLimit.firstMs * 2 ** failures, rateLimit.mostMs), failures >= patientFailures);
  }

  #rest(key: K): void {
    const { now } = this.#kernel.loop;
    if (this.#restUntil.size >= pruneAt) {
      for (const [known, until] of this.#restUntil) {
        // Keys stand in the order of their last reconcile, so the first that still rests ends the search.
        if (until > now) break;
        this.#restUntil.delete(known);
      }
    }
    const turns = this.#turnsOf(key, now);
    this.#restUntil.delete(key);
    this.#restUntil.set(key, now + (turns < hotLoop.turns ? this.#restMs : hotLoop.restMs));
  }

  /** Counts another turn of a key that has come back at once, and reports it when that goes on. */
  #turnsOf(key: K, now: number): number {
    const rested = this.#restUntil.get(key);
    if (rested === undefined || now > rested + hotLoop.withinMs) {
      if (this.#turns.size > 0) this.#turns.delete(key);
      return 0;
    }
    const turns = (this.#turns.get(key) ?? 0) + 1;
    this.#turns.set(key, turns);
    if (turns === hotLoop.turns) this.#kernel.hotLoops.add(`${this.name}: ${String(key)}`);
    return turns;
  }
}
