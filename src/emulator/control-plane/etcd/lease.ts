import type { Kernel } from '../../kernel/index.ts';
import type { KeyValue, Keyspace } from './keyspace.ts';

interface Lease {
  readonly id: number;
  readonly ttlMs: number;
  expiresAtMs: number;
  /** Directories and names in turn of keys that were given the lease; which of them still have it is seen at its end. */
  readonly keys: Map<Keyspace, string[]>;
}

/** A key that goes with its lease. */
interface Attached {
  readonly keyspace: Keyspace;
  readonly directory: string;
  readonly name: string;
}

/**
 * Leases: keys that go when their time is over. As in the API server, one lease serves all keys that are written within
 * a span of time (upstream: storage/etcd3/lease_manager.go), since a lease a key would cost a timer each.
 */
export class Leases {
  readonly #kernel: Kernel;
  readonly #leases = new Map<number, Lease>();
  readonly #onExpire: (keys: readonly Attached[]) => void;
  readonly #reusable = new Map<number, Lease>();
  #lastId = 0;

  constructor(kernel: Kernel, onExpire: (keys: readonly Attached[]) => void) {
    this.#kernel = kernel;
    this.#onExpire = onExpire;
  }

  grant(ttlMs: number): number {
    const lease: Lease = { id: ++this.#lastId, ttlMs, expiresAtMs: this.#kernel.loop.now + ttlMs, keys: new Map() };
    this.#leases.set(lease.id, lease);
    this.#kernel.loop.after(ttlMs, this.#check, lease.id, true);
    return lease.id;
  }

  /** A lease that lives at least `ttlMs` longer; at most a twentieth or a minute more, whichever is less. */
  shared(ttlMs: number): number {
    const known = this.#reusable.get(ttlMs);
    const { now } = this.#kernel.loop;
    if (known && this.#leases.has(known.id) && known.expiresAtMs - now >= ttlMs) return known.id;
    const id = this.grant(ttlMs + Math.min(ttlMs / 20, 60_000));
    this.#reusable.set(ttlMs, this.#leases.get(id)!);
    return id;
  }

  keepAlive(id: number): boolean {
    const lease = this.#leases.get(id);
    if (!lease) return false;
    lease.expiresAtMs = this.#kernel.loop.now + lease.ttlMs;
    return true;
  }

  revoke(id: number): boolean {
    const lease = this.#leases.get(id);
    if (!lease) return false;
    this.#leases.delete(id);
    this.#onExpire(attachedTo(lease));
    return true;
  }

  attach(id: number, keyspace: Keyspace, { directory, name }: KeyValue): void {
    const keys = this.#leases.get(id)?.keys;
    const known = keys?.get(keyspace);
    if (known) known.push(directory, name);
    else keys?.set(keyspace, [directory, name]);
  }

  readonly #check = (id: number): void => {
    const lease = this.#leases.get(id);
    if (!lease) return;
    const left = lease.expiresAtMs - this.#kernel.loop.now;
    if (left > 0) this.#kernel.loop.after(left, this.#check, id, true);
    else this.revoke(id);
  };
}

/** The keys that have the lease, each once. */
function attachedTo(lease: Lease): Attached[] {
  const found = new Set<KeyValue>();
  const attached: Attached[] = [];
  for (const [keyspace, names] of lease.keys) {
    for (let i = 0; i < names.length; i += 2) {
      const kv = keyspace.get(names[i]!, names[i + 1]!);
      if (kv?.lease !== lease.id || found.has(kv)) continue;
      found.add(kv);
      attached.push({ keyspace, directory: kv.directory, name: kv.name });
    }
  }
  return attached;
}
