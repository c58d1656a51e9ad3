/**
 * The data of one etcd member: a multi-version key-value store with one revision for all keys. It outlives the etcd
 * process, as a data directory does.
 *
 * - A transaction advances the revision once, whatever it writes.
 * - Keys are `/registry/<prefix>/<directory>/<name>`. A key space is everything under one registered prefix; keys that fit no
 *   registered prefix live in the space of their directory.
 * - History is kept until it is compacted.
 *   Differs from Kubernetes: a key space also forgets all but its last changes (`retain`), so that memory stays bounded.
 */
import type { ByteString, EventLoop, Kernel } from '../../kernel/index.ts';
import { Keyspace } from './keyspace.ts';
import type { Change, KeyValue } from './keyspace.ts';
import { Leases } from './lease.ts';

/** A comparison of a key's mod revision; 0 says that the key must not exist. */
export interface Compare {
  readonly keyspace: Keyspace;
  readonly directory: string;
  readonly name: string;
  readonly modRevision: number;
}

export type Operation =
  | {
      readonly type: 'put';
      readonly keyspace: Keyspace;
      readonly directory: string;
      readonly name: string;
      readonly value: object;
      /** Completes the value with the revision it gets, before anyone else has seen it. */
      readonly seal?: ((value: object, revision: number) => void) | undefined;
      readonly lease?: number | undefined;
    }
  | { readonly type: 'delete'; readonly keyspace: Keyspace; readonly directory: string; readonly name: string };

export interface Transaction {
  readonly compare: readonly Compare[];
  readonly success: readonly Operation[];
}

export interface TransactionResult {
  readonly succeeded: boolean;
  readonly revision: number;
}

/** The bytes as which a value lies on disk, where those are not its own JSON. */
export interface SealedForm {
  readonly bytes: ByteString;
}

/** Virtual time between a write and the moment when watchers hear of it. */
const watchLatencyMs = 1;
const defaultRetain = 1024;

export class EtcdData {
  /** As etcd, an empty store stands at revision 1. */
  revision = 1;
  compactRevision = 0;
  readonly leases: Leases;
  /** Values that are not stored as they are. Absent as long as nobody has encrypted anything. */
  sealed: WeakMap<object, SealedForm> | undefined;
  readonly #loop: EventLoop;
  readonly #keyspaces = new Map<string, Keyspace>();
  readonly #listeners = new Set<(keyspace: Keyspace, change: Change) => void>();

  constructor(kernel: Kernel) {
    this.#loop = kernel.loop;
    this.leases = new Leases(kernel, (expired) => this.#expire(expired));
  }

  /**
   * The keys under a prefix that ends with a slash. `isQuiet` says that telling its watchers is background work (Leases,
   * which change all the time and for which nobody waits).
   */
  keyspace(prefix: string, { isQuiet = false, retain = defaultRetain } = {}): Keyspace {
    let keyspace = this.#keyspaces.get(prefix);
    if (!keyspace) {
      keyspace = new Keyspace(prefix, retain, (woken) => this.#loop.after(watchLatencyMs, deliver, woken, isQuiet));
      this.#keyspaces.set(prefix, keyspace);
    }
    return keyspace;
  }

  /** Every key space in the order of its prefix. */
  get keyspaces(): readonly Keyspace[] {
    return [...this.#keyspaces.values()].sort((a, b) => (a.prefix < b.prefix ? -1 : 1));
  }

  /** Finds the place of a full key: the longest registered prefix, else the key's own directory. */
  locate(key: string): { readonly keyspace: Keyspace; readonly directory: string; readonly name: string } {
    const slash = key.lastIndexOf('/') + 1;
    let found: Keyspace | undefined;
    for (const keyspace of this.#keyspaces.values()) {
      if (key.startsWith(keyspace.prefix) && (!found || keyspace.prefix.length > found.prefix.length)) found = keyspace;
    }
    found ??= this.keyspace(key.slice(0, slash));
    return {
      keyspace: found,
      directory: key.slice(found.prefix.length, Math.max(slash, found.prefix.length)),
      name: key.slice(Math.max(slash, found.prefix.length)),
    };
  }

  txn({ compare, success }: Transaction): TransactionResult {
    for (const { keyspace, directory, name, modRevision } of compare) {
      if ((keyspace.get(directory, name)?.modRevision ?? 0) !== modRevision) return { succeeded: false, revision: this.revision };
    }
    let revision = this.revision;
    for (const operation of success) {
      const previous = operation.keyspace.get(operation.directory, operation.name);
      if (operation.type === 'delete' && !previous) continue;
      revision = this.revision + 1;
      this.#apply(operation, previous, revision);
    }
    this.revision = revision;
    return { succeeded: true, revision };
  }

  /** Forgets history at or before a revision. Returns false when that is already gone or lies in the future. */
  compact(revision: number): boolean {
    if (revision <= this.compactRevision || revision > this.revision) return false;
    this.compactRevision = revision;
    for (const keyspace of this.#keyspaces.values()) keyspace.compact(revision);
    return true;
  }

  /** Calls back for every change at once, for `etcdctl watch` and tests; returns the way to stop. */
  observe(listener: (keyspace: Keyspace, change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #apply(operation: Operation, previous: KeyValue | undefined, revision: number): void {
    const { keyspace, directory, name } = operation;
    let current: KeyValue | undefined;
    if (operation.type === 'put') {
      operation.seal?.(operation.value, revision);
      const lease = operation.lease ?? 0;
      current = {
        directory,
        name,
        value: operation.value,
        createRevision: previous?.createRevision ?? revision,
        modRevision: revision,
        version: (previous?.version ?? 0) + 1,
        lease,
      };
      if (lease !== 0 && previous?.lease !== lease) this.leases.attach(lease, keyspace, current);
    }
    const change: Change = { revision, current, previous, view: undefined };
    keyspace.apply(change);
    for (const listener of this.#listeners) listener(keyspace, change);
  }

  #expire(keys: readonly { readonly keyspace: Keyspace; readonly directory: string; readonly name: string }[]): void {
    this.txn({ compare: [], success: keys.map(({ keyspace, directory, name }) => ({ type: 'delete', keyspace, directory, name })) });
  }
}

const deliver = (keyspace: Keyspace): void => keyspace.deliver();

/** A whole copy of the current values, as `etcdctl snapshot save` writes one. Values are shared, so it costs an array. */
export interface Snapshot {
  readonly revision: number;
  readonly entries: readonly { readonly prefix: string; readonly values: readonly KeyValue[] }[];
}

export function takeSnapshot(data: EtcdData): Snapshot {
  return { revision: data.revision, entries: data.keyspaces.map((keyspace) => ({ prefix: keyspace.prefix, values: keyspace.list() })) };
}
