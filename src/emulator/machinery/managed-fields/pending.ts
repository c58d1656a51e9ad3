/**
 * Entries that are worked out when somebody looks at them: nobody in the cluster does, and they cost more than all else of a write.
 *
 * - Such a list cannot be told from one that was made at once. It is a proxy, so that also what spreads, freezes or serialises
 *   it sees the entries.
 * - It holds the versions that it is made from until it is looked at. Of those only a few may stand behind one another.
 */
import type { ManagedFieldsEntry } from '../objects.ts';

type Entries = readonly ManagedFieldsEntry[];

/** How many lists that are still to be worked out may depend on one another; each holds a version of its object. */
const maxDepth = 8;

/** Under this key a list shows what is behind it; a real list has no such thing. */
const behind = Symbol('behind');

type Compute<V, W> = (previous: V | undefined, next: V, write: W) => Entries;

class Pending<V, W> implements ProxyHandler<ManagedFieldsEntry[]> {
  readonly #compute: Compute<V, W>;
  #previous: V | undefined;
  #next: V | undefined;
  readonly #write: W;
  #depth: number;
  #entries: Entries | undefined;

  constructor(compute: Compute<V, W>, previous: V | undefined, next: V, write: W, before: Pending<unknown, unknown> | undefined) {
    this.#compute = compute;
    this.#previous = previous;
    this.#next = next;
    this.#write = write;
    if (before && before.#depth >= maxDepth) before.settle();
    this.#depth = before ? before.#depth + 1 : 1;
  }

  /** The entries as a plain list. */
  settle(): Entries {
    const previous = this.#previous;
    const next = this.#next;
    if (next !== undefined) {
      // Whoever compares the versions comes by this very list, and finds it empty meanwhile: nobody owns managedFields.
      this.#previous = undefined;
      this.#next = undefined;
      this.#entries = this.#compute(previous, next, this.#write);
      this.#depth = 0;
    }
    return this.#entries ?? [];
  }

  #filled(target: ManagedFieldsEntry[]): ManagedFieldsEntry[] {
    if (target.length === 0) target.push(...this.settle());
    return target;
  }

  get(target: ManagedFieldsEntry[], key: string | symbol): unknown {
    return key === behind ? this : Reflect.get(this.#filled(target), key);
  }

  has(target: ManagedFieldsEntry[], key: string | symbol): boolean {
    return Reflect.has(this.#filled(target), key);
  }

  ownKeys(target: ManagedFieldsEntry[]): (string | symbol)[] {
    return Reflect.ownKeys(this.#filled(target));
  }

  getOwnPropertyDescriptor(target: ManagedFieldsEntry[], key: string | symbol): PropertyDescriptor | undefined {
    return Reflect.getOwnPropertyDescriptor(this.#filled(target), key);
  }

  /** Freezing begins here. */
  preventExtensions(target: ManagedFieldsEntry[]): boolean {
    return Reflect.preventExtensions(this.#filled(target));
  }
}

const pendingOf = (entries: Entries | undefined): Pending<unknown, unknown> | undefined =>
  (entries as { readonly [behind]?: Pending<unknown, unknown> } | undefined)?.[behind];

/**
 * Entries that `compute` makes of a write from one version to the next once they are looked at; `before` are those that it begins
 * with. There must come some.
 */
export function pendingEntries<V, W>(
  compute: Compute<V, W>,
  previous: V | undefined,
  next: V,
  write: W,
  before: Entries | undefined,
): Entries {
  return new Proxy<ManagedFieldsEntry[]>([], new Pending(compute, previous, next, write, pendingOf(before)));
}

/** Whether a list came of `pendingEntries`, looked at or not. */
export const isPending = (entries: Entries | undefined): boolean => pendingOf(entries) !== undefined;

/** A list as a plain one. */
export const settled = (entries: Entries | undefined): Entries | undefined => pendingOf(entries)?.settle() ?? entries;
