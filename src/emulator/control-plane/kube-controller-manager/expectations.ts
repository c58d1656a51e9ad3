/** How long a controller waits to see what it has done (pkg/controller/controller_utils.go, ExpectationsTimeout). */
const timeoutMs = 300_000;

/**
 * What a controller has asked for and its cache does not show yet. While anything is expected of a key the controller asks
 * for nothing more, so that a cache that lags behind never makes it create or delete twice.
 */
export class Expectations {
  #creations = 0;
  readonly #deletions = new Set<string>();
  #sinceMs = 0;

  isFulfilled(nowMs: number): boolean {
    return (this.#creations <= 0 && this.#deletions.size === 0) || nowMs - this.#sinceMs > timeoutMs;
  }

  begin(nowMs: number): void {
    this.#creations = 0;
    this.#deletions.clear();
    this.#sinceMs = nowMs;
  }

  expectCreations(count: number): void {
    this.#creations += count;
  }

  /** One was seen, or will never come because it was refused. */
  creationSeen(): void {
    this.#creations--;
  }

  expectDeletion(uid: string): void {
    this.#deletions.add(uid);
  }

  deletionSeen(uid: string): void {
    this.#deletions.delete(uid);
  }
}
