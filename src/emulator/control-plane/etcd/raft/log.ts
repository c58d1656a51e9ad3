import type { Disk, Entry, Snapshot } from './messages.ts';

export class LostLogError extends Error {}

/**
 * A member's log in memory: what is on disk, and behind it what is not there yet. Entries up to `commit` never change.
 * Upstream: go.etcd.io/raft, log.go and log_unstable.go.
 */
export class RaftLog {
  /** Stands for everything at or before its index. */
  base: { readonly index: number; readonly term: number };
  commit: number;
  /** What the state machine was given. */
  applied: number;
  #entries: Entry[];
  /** The first entry that disk does not hold as it is here. */
  #unstable: number;

  constructor({ hard, snapshot, entries }: Disk, applied: number) {
    this.base = snapshot;
    this.#entries = [...entries];
    this.#unstable = snapshot.index + entries.length + 1;
    this.commit = Math.max(hard.commit, snapshot.index);
    this.applied = Math.max(applied, snapshot.index);
  }

  get firstIndex(): number {
    return this.base.index + 1;
  }

  get lastIndex(): number {
    return this.base.index + this.#entries.length;
  }

  get lastTerm(): number {
    return this.#entries.at(-1)?.term ?? this.base.term;
  }

  /** Undefined for what is compacted or not there. */
  term(index: number): number | undefined {
    if (index === this.base.index) return this.base.term;
    return this.#entries[index - this.firstIndex]?.term;
  }

  /** Entries from an index on, at most so many. Undefined when they are compacted. */
  slice(from: number, limit = Number.POSITIVE_INFINITY): readonly Entry[] | undefined {
    if (from < this.firstIndex) return undefined;
    const start = from - this.firstIndex;
    return this.#entries.slice(start, Math.min(start + limit, this.#entries.length));
  }

  isUpToDate(index: number, term: number): boolean {
    return term > this.lastTerm || (term === this.lastTerm && index >= this.lastIndex);
  }

  /** Appends what a leader made. */
  push(entry: Entry): void {
    this.#entries.push(entry);
  }

  /** Takes over entries behind `index`, if the logs agree there; what conflicts goes. Returns the last new index. */
  merge(index: number, logTerm: number, entries: readonly Entry[]): number | undefined {
    if (this.term(index) !== logTerm) return undefined;
    const at = entries.findIndex((entry) => this.term(entry.index) !== entry.term);
    if (at >= 0) {
      const conflict = entries[at]!.index;
      if (conflict <= this.commit) throw new Error(`entry ${conflict} conflicts with one that is committed at or before ${this.commit}`);
      this.#entries.length = conflict - this.firstIndex;
      this.#entries.push(...entries.slice(at));
      this.#unstable = Math.min(this.#unstable, conflict);
    }
    return index + entries.length;
  }

  /** The last index at or before `index` whose term is not above `term`: where a leader looks next. */
  findConflict(index: number, term: number): number {
    let at = Math.min(index, this.lastIndex);
    while (at > this.base.index && (this.term(at) ?? 0) > term) at--;
    return at;
  }

  /** Throws when the log lacks what is said to be committed: somebody has taken it away. */
  commitTo(index: number): void {
    if (index <= this.commit) return;
    if (index > this.lastIndex)
      throw new LostLogError(
        `tocommit(${index}) is out of range [lastIndex(${this.lastIndex})]. Was the raft log corrupted, truncated, or lost?`,
      );
    this.commit = index;
  }

  /** Begins anew behind a leader's snapshot. */
  restore({ index, term }: Snapshot): void {
    this.base = { index, term };
    this.#entries = [];
    this.#unstable = index + 1;
    this.commit = index;
    this.applied = index;
  }

  /** Forgets what is applied at or before an index. */
  compact(index: number): void {
    const term = this.term(index);
    if (term === undefined || index <= this.base.index || index > this.applied) return;
    this.#entries.splice(0, index - this.base.index);
    this.base = { index, term };
  }

  /** Brings the entries on disk in line. */
  persist(disk: Disk): void {
    const first = disk.snapshot.index + 1;
    if (this.#unstable > this.lastIndex && disk.entries.length === this.lastIndex - first + 1) return;
    disk.entries.length = Math.min(disk.entries.length, Math.max(0, this.#unstable - first));
    for (let i = first + disk.entries.length; i <= this.lastIndex; i++) disk.entries.push(this.#entries[i - this.firstIndex]!);
    this.#unstable = this.lastIndex + 1;
  }
}
