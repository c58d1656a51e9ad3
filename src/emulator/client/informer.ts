import type { Kind } from '../api/kind.ts';
import type { Call, Fiber, Kernel } from '../kernel/index.ts';
import { isErrno } from '../kernel/index.ts';
import type { ApiObject } from '../machinery/objects.ts';
import { isExpired, StatusError } from '../machinery/status-error.ts';
import type { Client, SelectorOptions, Watch, WatchEvent } from './client.ts';

/** What happened to one object of an informer's cache. */
export interface Change<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** Of a deletion: the last state that is known. */
  readonly object: T;
  readonly previous: T | undefined;
}

export type ChangeHandler<T> = (change: Change<T>) => void;

/**
 * By which text an object is found, or by which object that it shares with others; returning a string that the object holds
 * already makes an index cost no text.
 */
export type IndexBy<T, K = string> = (object: T) => K | undefined;

const nothing = new Map<string, never>();

/** client-go's reflector: 800 ms, doubled up to 30 s, with jitter (tools/cache/reflector.go). */
const backoff = { firstMs: 800, mostMs: 30_000 };
/** After so many failures in a row waiting for the server is background work: it may never come back. */
const patientFailures = 6;

/** Groups the objects of an informer by a text; each group is a map by UID in the order in which they came. */
export class Index<T, K = string> {
  readonly by: IndexBy<T, K>;
  readonly #groups = new Map<K, Map<string, T>>();

  constructor(by: IndexBy<T, K>) {
    this.by = by;
  }

  get(value: K): ReadonlyMap<string, T> {
    return this.#groups.get(value) ?? nothing;
  }

  get values(): Iterable<K> {
    return this.#groups.keys();
  }

  get groups(): Iterable<ReadonlyMap<string, T>> {
    return this.#groups.values();
  }

  put(uid: string, object: T, previous: T | undefined): void {
    const value = this.by(object);
    if (previous !== undefined) {
      const before = this.by(previous);
      if (before !== undefined && before !== value) this.#drop(before, uid);
    }
    if (value === undefined) return;
    const group = this.#groups.get(value);
    if (group) group.set(uid, object);
    else this.#groups.set(value, new Map([[uid, object]]));
  }

  remove(uid: string, object: T): void {
    const value = this.by(object);
    if (value !== undefined) this.#drop(value, uid);
  }

  #drop(value: K, uid: string): void {
    const group = this.#groups.get(value);
    if (group?.delete(uid) && group.size === 0) this.#groups.delete(value);
  }
}

/**
 * A watched cache of one kind, as client-go's shared informer.
 *
 * - It holds the server's own objects, shared and read-only; there is no copy and no resync.
 * - Handlers run when the cache and all indexes already show the change; they should only enqueue keys.
 * - When a watch ends it goes on from the last version it saw; when that has expired, or the server was away, it lists again
 *   and reports the difference.
 */
export class Informer<T extends ApiObject> {
  readonly kind: Kind<T>;
  hasSynced = false;
  /** Told why a list or watch did not come about, each time. */
  onFailure: ((error: Error) => void) | undefined;
  /**
   * Whether it finds out that the server went back to an older state, as after the restore of a snapshot. The cluster's own parts do
   * not, as upstream: they wait for a version that they have seen already.
   */
  looksBack = false;
  readonly #kernel: Kernel;
  readonly #client: Client;
  readonly #selector: SelectorOptions;
  readonly #objects = new Map<string, T>();
  readonly #indexes: Index<T, unknown>[] = [];
  readonly #handlers: ChangeHandler<T>[] = [];
  readonly #onSync: (() => void)[] = [];
  /** By namespace and name; built by the first `get`. */
  #names: Map<string, Map<string, T>> | undefined;
  #version: string | undefined;
  #watch: Watch | undefined;
  #fiber: Fiber | undefined;
  #failures = 0;
  #isStopped = false;

  constructor(kernel: Kernel, client: Client, kind: Kind<T>, selector: SelectorOptions = {}) {
    this.#kernel = kernel;
    this.#client = client;
    this.kind = kind;
    this.#selector = selector;
  }

  get size(): number {
    return this.#objects.size;
  }

  /** All objects, in the order in which they came. */
  values(): Iterable<T> {
    return this.#objects.values();
  }

  byUID(uid: string): T | undefined {
    return this.#objects.get(uid);
  }

  get(name: string, namespace = ''): T | undefined {
    if (!this.#names) {
      this.#names = new Map();
      for (const object of this.#objects.values()) this.#nameIt(object);
    }
    return this.#names.get(namespace)?.get(name);
  }

  /** The index by this function; asking twice with the same function gives the same index. */
  index<K = string>(by: IndexBy<T, K>): Index<T, K> {
    let index = this.#indexes.find((known) => known.by === by) as Index<T, K> | undefined;
    if (!index) {
      index = new Index(by);
      this.#indexes.push(index as Index<T, unknown>);
      for (const [uid, object] of this.#objects) index.put(uid, object, undefined);
    }
    return index;
  }

  /** Calls back for every change, and at once for each object that is already there. */
  onChange(handler: ChangeHandler<T>): void {
    this.#handlers.push(handler);
    for (const object of this.#objects.values()) handler({ type: 'ADDED', object, previous: undefined });
  }

  /** Calls back once the first list is in the cache. */
  onSync(callback: () => void): void {
    if (this.hasSynced) callback();
    else this.#onSync.push(callback);
  }

  /** Begins to list and watch; what need not wait has happened when this returns. */
  start(): void {
    if (!this.#fiber && !this.#isStopped) this.#fiber = this.#kernel.fiber(this.#reflect());
  }

  stop(): void {
    this.#isStopped = true;
    this.#fiber?.cancel();
    this.#watch?.stop();
  }

  *#reflect(): Call<void> {
    while (!this.#isStopped) {
      try {
        yield* this.#listAndWatch();
        this.#failures = 0;
        return;
      } catch (error) {
        if (isExpired(error)) this.#version = undefined;
        else if (!(error instanceof StatusError) && !isErrno(error)) throw error;
        else this.onFailure?.(error);
      }
      const delay = Math.min(backoff.firstMs * 2 ** this.#failures++, backoff.mostMs) * (1 + this.#kernel.random.fraction());
      yield* this.#kernel.sleep(delay, this.#failures > patientFailures);
    }
  }

  *#listAndWatch(): Call<void> {
    if (this.looksBack && this.#version !== undefined) {
      const { metadata } = yield* this.#client.list(this.kind, { ...this.#selector, limit: 1 });
      if (Number(metadata.resourceVersion) < Number(this.#version)) this.#version = undefined;
    }
    if (this.#version === undefined) {
      const list = yield* this.#client.list(this.kind, this.#selector);
      this.#version = list.metadata.resourceVersion;
      this.#replace(list.items);
    }
    this.#watch = yield* this.#client.watch(
      this.kind,
      { ...this.#selector, resourceVersion: this.#version, allowWatchBookmarks: true },
      this,
    );
  }

  onEvent(event: WatchEvent<T>): void {
    this.#version = event.object.metadata.resourceVersion;
    if (event.type === 'BOOKMARK') return;
    if (event.type === 'DELETED') this.#delete(event.object);
    else this.#put(event.object);
  }

  onEnd(error: Error | undefined): void {
    if (this.#isStopped) return;
    if (isExpired(error)) this.#version = undefined;
    this.#kernel.loop.after(0, this.#resume, undefined);
  }

  readonly #resume = (): void => {
    if (!this.#isStopped) this.#fiber = this.#kernel.fiber(this.#reflect());
  };

  #replace(items: readonly T[]): void {
    if (this.#objects.size > 0) {
      const listed = new Set(items.map((object) => object.metadata.uid));
      for (const object of [...this.#objects.values()]) if (!listed.has(object.metadata.uid)) this.#delete(object);
    }
    for (const object of items) this.#put(object);
    this.hasSynced = true;
    for (const callback of this.#onSync.splice(0)) callback();
  }

  #put(object: T): void {
    const { uid } = object.metadata;
    const previous = this.#objects.get(uid);
    if (previous?.metadata.resourceVersion === object.metadata.resourceVersion) return;
    this.#objects.set(uid, object);
    if (this.#names) this.#nameIt(object);
    for (const index of this.#indexes) index.put(uid, object, previous);
    this.#tell({ type: previous === undefined ? 'ADDED' : 'MODIFIED', object, previous });
  }

  #delete(object: T): void {
    const { uid, name, namespace } = object.metadata;
    const previous = this.#objects.get(uid);
    if (previous === undefined) return;
    this.#objects.delete(uid);
    const names = this.#names?.get(namespace ?? '');
    // A successor of the same name may already stand there.
    if (names?.get(name)?.metadata.uid === uid) names.delete(name);
    for (const index of this.#indexes) index.remove(uid, previous);
    this.#tell({ type: 'DELETED', object, previous });
  }

  #nameIt(object: T): void {
    const { namespace = '', name } = object.metadata;
    const names = this.#names!.get(namespace);
    if (names) names.set(name, object);
    else this.#names!.set(namespace, new Map([[name, object]]));
  }

  #tell(change: Change<T>): void {
    for (const handler of this.#handlers) handler(change);
  }
}
