/**
 * All keys under one prefix (`/registry/pods/`): the current values in buckets by directory, indexes, and the log of changes
 * with its watchers.
 *
 * - Values are immutable and shared; nothing here copies one.
 * - A watcher is fed from one cursor on the log that all share. One that resumes from an older revision is first given what it missed.
 * - A watcher that names a route (an index and a value: `spec.nodeName`, `node-1`) is offered only the changes of that
 *   value, so that the write of a Pod wakes one kubelet and not all.
 */
import { Bucket } from './bucket.ts';

/** A stored value with its revisions, as etcd's mvccpb.KeyValue. */
export interface KeyValue {
  /** Below the key space's prefix, with the slash at its end: `default/`; empty for keys directly under the prefix. */
  readonly directory: string;
  readonly name: string;
  readonly value: object;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
  /** 0 without a lease. */
  readonly lease: number;
}

/** One key at one revision. `current` is undefined for a deletion, whose tombstone has the revision. */
export interface Change {
  readonly revision: number;
  readonly current: KeyValue | undefined;
  readonly previous: KeyValue | undefined;
  /** What a reader last made of the change, for the next who asks in the same way. */
  view?: { readonly by: object; readonly of: unknown } | undefined;
}

export interface WatchRoute {
  readonly index: string;
  readonly value: string;
}

export interface Watcher {
  onChange(change: Change): void;
  /**
   * The member took over a state whose history does not reach back to what the watcher has seen: it is given nothing more.
   * A watcher without it is given the difference instead.
   */
  onCompacted?(revision: number): void;
}

/** How a key space is kept. */
export interface KeyspaceSettings {
  /** Telling its watchers is background work (Leases, which change all the time and for which nobody waits). */
  readonly isQuiet: boolean;
  /** So many changes are kept at least. */
  readonly retain: number;
}

/** All that a member holds under a prefix, for another that lags behind. Values and changes are shared. */
export interface KeyspaceImage {
  readonly prefix: string;
  readonly settings: KeyspaceSettings;
  readonly values: readonly KeyValue[];
  readonly log: readonly Change[];
  readonly revision: number;
  readonly compactRevision: number;
}

interface ActiveWatcher {
  readonly watcher: Watcher;
  readonly route: WatchRoute | undefined;
  /** Changes at or before this revision are none of its own. */
  readonly from: number;
  isStopped: boolean;
  /** It began while changes were being delivered: it is given what it missed when that is over. */
  isLate: boolean;
}

/** A deletion needs the object at its last revision with the revision of the deletion: made once for all watchers, by the reader. */
export type IndexFunction = (value: object) => string | undefined;

class Index {
  readonly of: IndexFunction;
  readonly entries = new Map<string, Map<string, KeyValue>>();
  /** Watchers of this index by value. */
  readonly watchers = new Map<string, ActiveWatcher[]>();

  constructor(of: IndexFunction) {
    this.of = of;
  }

  remove(kv: KeyValue): void {
    const value = this.of(kv.value);
    if (value === undefined) return;
    const entry = this.entries.get(value);
    entry?.delete(kv.directory + kv.name);
    if (entry?.size === 0) this.entries.delete(value);
  }

  add(kv: KeyValue): void {
    const value = this.of(kv.value);
    if (value === undefined) return;
    let entry = this.entries.get(value);
    if (!entry) this.entries.set(value, (entry = new Map()));
    entry.set(kv.directory + kv.name, kv);
  }

  /** As `remove` and `add`; most changes keep the value. */
  replace(previous: KeyValue, current: KeyValue): void {
    const before = this.of(previous.value);
    const now = this.of(current.value);
    if (before !== now) {
      this.remove(previous);
      this.add(current);
    } else if (now !== undefined) this.entries.get(now)!.set(current.directory + current.name, current);
  }
}

const inKeyOrder = (a: KeyValue, b: KeyValue): number => {
  if (a.directory !== b.directory) return a.directory < b.directory ? -1 : 1;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
};

export class Keyspace {
  readonly prefix: string;
  readonly settings: KeyspaceSettings;
  size = 0;
  /** Of the last change; caches that depend on these keys compare it. */
  revision = 0;
  /** Changes at or before this revision are no longer in the log. */
  compactRevision = 0;
  readonly #buckets = new Map<string, Bucket>();
  readonly #indexes = new Map<string, Index>();
  readonly #watchers: ActiveWatcher[] = [];
  readonly #wake: (keyspace: Keyspace) => void;
  #log: Change[] = [];
  /** Position in the log of the first change that watchers were not offered yet. */
  #delivered = 0;
  #isWoken = false;

  constructor(prefix: string, settings: KeyspaceSettings, wake: (keyspace: Keyspace) => void) {
    this.prefix = prefix;
    this.settings = settings;
    this.#wake = wake;
  }

  /** Any of the values. */
  get first(): KeyValue | undefined {
    for (const bucket of this.#buckets.values()) if (bucket.first) return bucket.first;
    return undefined;
  }

  image(): KeyspaceImage {
    const { prefix, settings, revision, compactRevision } = this;
    return { prefix, settings, values: this.list(), log: [...this.#log], revision, compactRevision };
  }

  /** Takes over what another member holds, and returns what is new. `seen` is the revision up to which the own store had come. */
  restore(image: KeyspaceImage, seen: number): readonly Change[] {
    const reachesBack = seen >= image.compactRevision;
    if (!reachesBack) this.deliver();
    const missed = reachesBack ? image.log.filter(({ revision }) => revision > seen) : this.#difference(image);
    for (const change of missed) this.apply(change);
    if (reachesBack) return missed;
    for (const active of this.#allWatchers()) {
      if (!active.watcher.onCompacted) continue;
      active.isStopped = true;
      active.watcher.onCompacted(image.compactRevision);
    }
    this.deliver();
    this.#log = [...image.log];
    this.#delivered = this.#log.length;
    this.revision = image.revision;
    this.compactRevision = image.compactRevision;
    return missed;
  }

  /** What leads from the present to an image, in the order of revisions. */
  #difference({ values, revision }: KeyspaceImage): Change[] {
    const gone = new Map(this.list().map((kv) => [kv.directory + kv.name, kv]));
    const changes: Change[] = [];
    for (const current of values) {
      const key = current.directory + current.name;
      const previous = gone.get(key);
      gone.delete(key);
      if (previous?.modRevision !== current.modRevision) changes.push({ revision: current.modRevision, current, previous });
    }
    for (const previous of gone.values()) changes.push({ revision, current: undefined, previous });
    return changes.sort((a, b) => a.revision - b.revision);
  }

  #allWatchers(): ActiveWatcher[] {
    return [...this.#watchers, ...[...this.#indexes.values()].flatMap(({ watchers }) => [...watchers.values()].flat())];
  }

  get(directory: string, name: string): KeyValue | undefined {
    return this.#buckets.get(directory)?.get(name);
  }

  /** Values in key order. The list is shared: it is made again only after a change. */
  list(directory?: string): readonly KeyValue[] {
    if (directory !== undefined) return this.#buckets.get(directory)?.list() ?? [];
    if (this.#buckets.size === 1) return this.#buckets.values().next().value!.list();
    const directories = [...this.#buckets.keys()].sort();
    return directories.flatMap((key) => this.#buckets.get(key)!.list());
  }

  /** The values as they were at an older revision, in key order: the present with the later changes undone. Undefined when compacted. */
  listAt(revision: number, directory?: string): readonly KeyValue[] | undefined {
    if (revision < this.compactRevision) return undefined;
    const undone = new Map<string, KeyValue | undefined>();
    for (let i = this.#log.length - 1; i >= 0 && this.#log[i]!.revision > revision; i--) {
      const { current, previous } = this.#log[i]!;
      const key = current ?? previous!;
      if (directory === undefined || key.directory === directory) undone.set(key.directory + key.name, previous);
    }
    if (undone.size === 0) return this.list(directory);
    const kept = this.list(directory).filter((kv) => !undone.has(kv.directory + kv.name));
    for (const kv of undone.values()) if (kv) kept.push(kv);
    return kept.sort(inKeyOrder);
  }

  addIndex(name: string, of: IndexFunction): void {
    if (this.#indexes.has(name)) return;
    const index = new Index(of);
    for (const kv of this.list()) index.add(kv);
    this.#indexes.set(name, index);
  }

  hasIndex(name: string): boolean {
    return this.#indexes.has(name);
  }

  /** Values whose index function gave `value`, in key order. */
  indexed(route: WatchRoute): readonly KeyValue[] {
    const entry = this.#indexes.get(route.index)?.entries.get(route.value);
    return entry ? [...entry.values()].sort(inKeyOrder) : [];
  }

  /** Applies one change. Only the store calls it, in the order of revisions. */
  apply(change: Change): void {
    const { current, previous } = change;
    const { directory, name } = (current ?? previous)!;
    let bucket = this.#buckets.get(directory);
    if (!bucket) this.#buckets.set(directory, (bucket = new Bucket()));
    if (current) bucket.set(name, current, previous === undefined);
    else bucket.delete(name);
    if (!previous) this.size++;
    else if (!current) this.size--;
    for (const index of this.#indexes.values()) {
      if (previous && current) index.replace(previous, current);
      else if (previous) index.remove(previous);
      else index.add(current!);
    }
    this.revision = change.revision;
    this.#log.push(change);
    if (!this.#isWoken) {
      this.#isWoken = true;
      this.#wake(this);
    }
  }

  /** Changes after a revision, undefined when they are compacted. */
  since(revision: number): readonly Change[] | undefined {
    if (revision < this.compactRevision) return undefined;
    return this.#log.slice(this.#firstAfter(revision));
  }

  /** Feeds changes after `revision` until it is stopped. Undefined when they are compacted. */
  watch(watcher: Watcher, revision: number, route?: WatchRoute): { stop(): void } | undefined {
    if (revision < this.compactRevision) return undefined;
    const active: ActiveWatcher = { watcher, route, from: revision, isStopped: false, isLate: this.#isDelivering };
    const list = route ? this.#routed(route) : this.#watchers;
    list.push(active);
    if (active.isLate) this.#late.push(active);
    const isBehind = this.#log.length > 0 && this.#log[this.#log.length - 1]!.revision > revision;
    if (isBehind) {
      // What it missed and the shared cursor has passed is offered with the next delivery.
      const next = this.#firstAfter(revision);
      if (next < this.#delivered) this.#behind.push({ active, changes: this.#log.slice(next, this.#delivered) });
      if (!this.#isWoken) {
        this.#isWoken = true;
        this.#wake(this);
      }
    }
    return {
      stop: () => {
        active.isStopped = true;
        const i = list.indexOf(active);
        if (i >= 0) list.splice(i, 1);
        if (route && list.length === 0) this.#indexes.get(route.index)?.watchers.delete(route.value);
      },
    };
  }

  readonly #behind: { readonly active: ActiveWatcher; readonly changes: readonly Change[] }[] = [];
  readonly #late: ActiveWatcher[] = [];
  #isDelivering = false;

  /**
   * Offers watchers what the log holds beyond the shared cursor: to one after the other all of it, which with a thousand
   * watchers costs a third of going from change to change.
   */
  deliver(): void {
    this.#isWoken = false;
    this.#catchUp();
    const begin = this.#delivered;
    const end = this.#log.length;
    if (begin < end) {
      this.#delivered = end;
      this.#isDelivering = true;
      try {
        this.#offerAll(this.#log.slice(begin, end));
      } finally {
        this.#isDelivering = false;
        for (const active of this.#late.splice(0)) active.isLate = false;
      }
      this.#catchUp();
    }
    // What watchers wrote meanwhile stands in the log too, and is kept until it was offered.
    const { retain } = this.settings;
    if (this.#log.length > 2 * retain) this.#drop(Math.min(this.#log.length - retain, this.#delivered));
  }

  #offerAll(changes: readonly Change[]): void {
    for (const active of [...this.#watchers]) for (const change of changes) this.#offer(active, change);
    for (const index of this.#indexes.values()) {
      if (index.watchers.size > 0) for (const change of changes) this.#offerRouted(index, change);
    }
  }

  #catchUp(): void {
    while (this.#behind.length > 0) {
      const { active, changes } = this.#behind.shift()!;
      for (const change of changes) this.#offer(active, change);
    }
  }

  /** Forgets changes at or before a revision. */
  compact(revision: number): void {
    this.#drop(Math.min(this.#firstAfter(revision), this.#delivered));
    this.compactRevision = Math.max(this.compactRevision, Math.min(revision, this.#log[0] ? this.#log[0].revision - 1 : revision));
  }

  #drop(count: number): void {
    if (count <= 0) return;
    this.compactRevision = this.#log[count - 1]!.revision;
    this.#log = this.#log.slice(count);
    this.#delivered -= count;
  }

  #offer(active: ActiveWatcher, change: Change): void {
    if (active.isStopped || active.isLate || change.revision <= active.from) return;
    active.watcher.onChange(change);
  }

  /** The values before and after may lie on two routes: a Pod that is bound leaves one and enters the other. */
  #offerRouted(index: Index, change: Change): void {
    const now = change.current && index.of(change.current.value);
    const before = change.previous && index.of(change.previous.value);
    if (now !== undefined) for (const active of [...(index.watchers.get(now) ?? [])]) this.#offer(active, change);
    if (before !== undefined && before !== now) for (const active of [...(index.watchers.get(before) ?? [])]) this.#offer(active, change);
  }

  #routed(route: WatchRoute): ActiveWatcher[] {
    const { watchers } = this.#indexes.get(route.index)!;
    let list = watchers.get(route.value);
    if (!list) watchers.set(route.value, (list = []));
    return list;
  }

  #firstAfter(revision: number): number {
    let low = 0;
    for (let high = this.#log.length; low < high; ) {
      const mid = (low + high) >> 1;
      if (this.#log[mid]!.revision <= revision) low = mid + 1;
      else high = mid;
    }
    return low;
  }
}
