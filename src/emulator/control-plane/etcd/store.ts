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
import type { Change, KeyspaceImage, KeyspaceSettings, KeyValue } from './keyspace.ts';
import type { LeaseImage } from './lease.ts';
import { Leases } from './lease.ts';
import { StoreSize } from './size.ts';

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
      /** As what it lies on disk, if not as its own JSON. */
      readonly form?: SealedForm | undefined;
      /** Of a value that is no API object. */
      readonly bytes?: number | undefined;
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
  readonly size = new StoreSize(this);
  /** Values that are not stored as they are. Absent as long as nobody has encrypted anything. */
  sealed: WeakMap<object, SealedForm> | undefined;
  readonly kernel: Kernel;
  readonly #loop: EventLoop;
  readonly #keyspaces = new Map<string, Keyspace>();
  readonly #listeners = new Set<(keyspace: Keyspace, change: Change) => void>();

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.#loop = kernel.loop;
    this.leases = new Leases(kernel);
  }

  /** The keys under a prefix that ends with a slash. */
  keyspace(prefix: string, { isQuiet = false, retain = defaultRetain }: Partial<KeyspaceSettings> = {}): Keyspace {
    let keyspace = this.#keyspaces.get(prefix);
    if (!keyspace) {
      const wake = (woken: Keyspace): void => this.#loop.after(watchLatencyMs, deliver, woken, isQuiet);
      keyspace = new Keyspace(prefix, { isQuiet, retain }, wake);
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

  /** Operations one after the other, all at one revision, which counts once one of them has changed something. */
  transact<T>(run: (write: (operation: Operation) => void, revision: () => number) => T): T {
    let isChanged = false;
    const next = this.revision + 1;
    const result = run(
      (operation) => {
        const previous = operation.keyspace.get(operation.directory, operation.name);
        if (operation.type === 'delete' && !previous) return;
        this.#apply(operation, previous, next);
        isChanged = true;
      },
      () => (isChanged ? next : this.revision),
    );
    if (isChanged) this.revision = next;
    return result;
  }

  /** Writes what another member may have proposed. What was sealed by one who applied it before stays as it is. */
  apply({ compare, success }: Transaction, isSealed: boolean): TransactionResult {
    const own = <T extends { readonly keyspace: Keyspace }>(item: T): T =>
      this.#keyspaces.get(item.keyspace.prefix) === item.keyspace
        ? item
        : { ...item, keyspace: this.keyspace(item.keyspace.prefix, item.keyspace.settings) };
    const operations = success.map((operation) => (isSealed && operation.type === 'put' ? { ...operation, seal: undefined } : operation));
    return this.txn({ compare: compare.map(own), success: operations.map(own) });
  }

  /** Deletes what has the lease, and the lease. False when there is none. */
  revoke(lease: number): boolean {
    const keys = this.leases.revoke(lease);
    if (!keys) return false;
    if (keys.length > 0)
      this.txn({ compare: [], success: keys.map(({ keyspace, directory, name }) => ({ type: 'delete', keyspace, directory, name })) });
    return true;
  }

  /** All that there is, history included. Values are shared, so it costs arrays. */
  image(): EtcdImage {
    const { revision, compactRevision, sealed, leases } = this;
    return { revision, compactRevision, sealed, leases: leases.image(), keyspaces: this.keyspaces.map((keyspace) => keyspace.image()) };
  }

  /** Takes over what another member holds; watchers go on from where they are. */
  restore(image: EtcdImage): void {
    const seen = this.revision;
    this.revision = image.revision;
    this.compactRevision = image.compactRevision;
    this.leases.restore(image.leases);
    const missed: { readonly keyspace: Keyspace; readonly change: Change }[] = [];
    for (const taken of image.keyspaces) {
      const keyspace = this.keyspace(taken.prefix, taken.settings);
      for (const change of keyspace.restore(taken, seen)) missed.push({ keyspace, change });
      for (const kv of taken.values) {
        if (kv.lease !== 0) this.leases.attach(kv.lease, keyspace, kv);
        const form = image.sealed?.get(kv.value);
        if (form) (this.sealed ??= new WeakMap()).set(kv.value, form);
      }
    }
    if (this.#listeners.size === 0) return;
    missed.sort((a, b) => a.change.revision - b.change.revision);
    for (const { keyspace, change } of missed) for (const listener of this.#listeners) listener(keyspace, change);
  }

  /** Forgets history at or before a revision. Returns false when that is already gone or lies in the future. */
  compact(revision: number): boolean {
    if (revision <= this.compactRevision || revision > this.revision) return false;
    this.size.compact(revision);
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
      if (operation.bytes !== undefined) this.size.note(revision, keyspace.prefix + directory + name, operation.bytes);
      if (operation.form) (this.sealed ??= new WeakMap()).set(operation.value, operation.form);
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
}

const deliver = (keyspace: Keyspace): void => keyspace.deliver();

/** A member's data at one revision, for another member or for a file. */
export interface EtcdImage {
  readonly revision: number;
  readonly compactRevision: number;
  readonly keyspaces: readonly KeyspaceImage[];
  readonly leases: readonly LeaseImage[];
  readonly sealed: WeakMap<object, SealedForm> | undefined;
}
