import type { Kernel } from '../../kernel/index.ts';
import type { KeyValue, Keyspace } from './keyspace.ts';

interface Lease {
  readonly id: number;
  readonly ttlMs: number;
  expiresAtMs: number;
  /** Directories and names in turn of keys that were given the lease; which of them still have it is seen at its end. */
  readonly keys: Map<Keyspace, string[]>;
}

/** A lease as a snapshot has it. How much of it is left only the leader knows. */
export interface LeaseImage {
  readonly id: number;
  readonly ttlMs: number;
}

/** A key that goes with its lease. */
interface Attached {
  readonly keyspace: Keyspace;
  readonly directory: string;
  readonly name: string;
}

/** Leases have 64-bit identifiers that begin with the member's; here they count up from where such a one might be. */
const firstId = 0x69_4d_7f_8a_2a_00;

/**
 * Leases: keys that go when their time is over. Who is asked to end one that has expired is the leader of the group, and only
 * while it serves: `primary` is told, and whoever comes next gives every lease its whole time again (upstream: lease/lessor.go).
 */
export class Leases {
  readonly #kernel: Kernel;
  readonly #leases = new Map<number, Lease>();
  #primary: ((id: number) => void) | undefined;
  #lastId = firstId;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  get ids(): readonly number[] {
    return [...this.#leases.keys()];
  }

  has(id: number): boolean {
    return this.#leases.has(id);
  }

  /** Milliseconds that are left, and that it was given. */
  find(id: number): { readonly ttlMs: number; readonly leftMs: number; readonly keys: readonly Attached[] } | undefined {
    const lease = this.#leases.get(id);
    return lease && { ttlMs: lease.ttlMs, leftMs: lease.expiresAtMs - this.#kernel.loop.now, keys: attachedTo(lease) };
  }

  /** Makes `onExpired` the one who ends leases; undefined when nobody does. */
  setPrimary(onExpired: ((id: number) => void) | undefined): void {
    const isNew = onExpired !== undefined && this.#primary === undefined;
    this.#primary = onExpired;
    if (isNew) for (const lease of this.#leases.values()) this.#renew(lease);
  }

  grant(ttlMs: number): number {
    const lease: Lease = { id: ++this.#lastId, ttlMs, expiresAtMs: 0, keys: new Map() };
    this.#leases.set(lease.id, lease);
    this.#renew(lease);
    return lease.id;
  }

  keepAlive(id: number): boolean {
    const lease = this.#leases.get(id);
    if (lease) lease.expiresAtMs = this.#kernel.loop.now + lease.ttlMs;
    return lease !== undefined;
  }

  /** Forgets the lease and names the keys that have it; undefined when there is none. */
  revoke(id: number): readonly Attached[] | undefined {
    const lease = this.#leases.get(id);
    if (!lease) return undefined;
    this.#leases.delete(id);
    return attachedTo(lease);
  }

  attach(id: number, keyspace: Keyspace, { directory, name }: KeyValue): void {
    const keys = this.#leases.get(id)?.keys;
    const known = keys?.get(keyspace);
    if (known) known.push(directory, name);
    else keys?.set(keyspace, [directory, name]);
  }

  image(): readonly LeaseImage[] {
    return [...this.#leases.values()].map(({ id, ttlMs }) => ({ id, ttlMs }));
  }

  restore(images: readonly LeaseImage[]): void {
    this.#leases.clear();
    for (const { id, ttlMs } of images) {
      this.#leases.set(id, { id, ttlMs, expiresAtMs: this.#kernel.loop.now + ttlMs, keys: new Map() });
      this.#lastId = Math.max(this.#lastId, id);
    }
  }

  #renew(lease: Lease): void {
    lease.expiresAtMs = this.#kernel.loop.now + lease.ttlMs;
    if (this.#primary) this.#kernel.loop.after(lease.ttlMs, this.#check, lease, true);
  }

  readonly #check = (lease: Lease): void => {
    if (!this.#primary || this.#leases.get(lease.id) !== lease) return;
    const left = lease.expiresAtMs - this.#kernel.loop.now;
    if (left > 0) this.#kernel.loop.after(left, this.#check, lease, true);
    else this.#primary(lease.id);
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
