import type { Call } from '../../../kernel/index.ts';
import type { EtcdEndpoint } from '../../etcd/index.ts';

/**
 * One lease serves all keys that are written within a span of time, since a lease a key would cost a timer each
 * (storage/etcd3/lease_manager.go).
 */
export class SharedLeases {
  readonly #etcd: EtcdEndpoint;
  /** By time to live. */
  readonly #reusable = new Map<number, { readonly id: number; readonly expiresAtMs: number }>();

  constructor(etcd: EtcdEndpoint) {
    this.#etcd = etcd;
  }

  /** A lease that lives at least `ttlMs` longer; at most a twentieth or a minute more, whichever is less. */
  *get(ttlMs: number): Call<number> {
    const { data } = this.#etcd;
    const known = this.#reusable.get(ttlMs);
    if (known && known.expiresAtMs - data.kernel.loop.now >= ttlMs && data.leases.has(known.id)) return known.id;
    const longerMs = ttlMs + Math.min(ttlMs / 20, 60_000);
    const id = yield* this.#etcd.grant(longerMs);
    this.#reusable.set(ttlMs, { id, expiresAtMs: data.kernel.loop.now + longerMs });
    return id;
  }
}
