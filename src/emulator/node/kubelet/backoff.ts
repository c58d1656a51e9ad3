/** A back-off a key, as `k8s.io/client-go/util/flowcontrol.Backoff` counts it. */
interface Entry {
  delayMs: number;
  updatedMs: number;
}

export class Backoff {
  readonly #entries = new Map<string, Entry>();
  readonly #initialMs: number;
  readonly #maxMs: number;

  constructor(initialMs: number, maxMs: number) {
    this.#initialMs = initialMs;
    this.#maxMs = maxMs;
  }

  /** Doubles the delay of a key; after twice the longest delay without an update it begins anew. */
  next(key: string, eventMs: number, nowMs: number): void {
    const entry = this.#entries.get(key);
    const isFresh = !entry || this.#hasExpired(entry, eventMs);
    this.#entries.set(key, { delayMs: isFresh ? this.#initialMs : Math.min(entry.delayMs * 2, this.#maxMs), updatedMs: nowMs });
  }

  /** What is left to wait when the last failure was at `eventMs`; 0 when nothing is. */
  leftSinceEvent(key: string, eventMs: number, nowMs: number): number {
    const entry = this.#entries.get(key);
    if (!entry || this.#hasExpired(entry, eventMs)) return 0;
    return Math.max(0, eventMs + entry.delayMs - nowMs);
  }

  /** What is left to wait since the last `next`. */
  leftSinceUpdate(key: string, nowMs: number): number {
    const entry = this.#entries.get(key);
    if (!entry || this.#hasExpired(entry, nowMs)) return 0;
    return Math.max(0, entry.updatedMs + entry.delayMs - nowMs);
  }

  delayMs(key: string): number {
    return this.#entries.get(key)?.delayMs ?? 0;
  }

  forget(prefix: string): void {
    for (const key of this.#entries.keys()) if (key.startsWith(prefix)) this.#entries.delete(key);
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  #hasExpired(entry: Entry, eventMs: number): boolean {
    return eventMs - entry.updatedMs > 2 * this.#maxMs;
  }
}
