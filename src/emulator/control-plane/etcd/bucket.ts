import type { KeyValue } from './keyspace.ts';

/** The values of one directory in key order. Sorting is put off until someone lists; then only what is new is sorted and merged. */
export class Bucket {
  readonly #items = new Map<string, KeyValue>();
  #sorted: string[] = [];
  #fresh: string[] = [];
  #hasGaps = false;
  #listed: readonly KeyValue[] | undefined = [];

  get(name: string): KeyValue | undefined {
    return this.#items.get(name);
  }

  set(name: string, kv: KeyValue, isNew: boolean): void {
    this.#items.set(name, kv);
    this.#listed = undefined;
    if (isNew) this.#fresh.push(name);
  }

  delete(name: string): void {
    this.#items.delete(name);
    this.#listed = undefined;
    this.#hasGaps = true;
  }

  get first(): KeyValue | undefined {
    return this.#items.values().next().value;
  }

  list(): readonly KeyValue[] {
    if (this.#listed) return this.#listed;
    if (this.#hasGaps) {
      // A name that was deleted and created again stands in both lists; the fresh one wins.
      const fresh = new Set(this.#fresh);
      this.#sorted = this.#sorted.filter((name) => this.#items.has(name) && !fresh.has(name));
      this.#fresh = [...fresh].filter((name) => this.#items.has(name));
      this.#hasGaps = false;
    }
    if (this.#fresh.length > 0) {
      this.#sorted = mergeSorted(this.#sorted, this.#fresh.sort());
      this.#fresh = [];
    }
    this.#listed = this.#sorted.map((name) => this.#items.get(name)!);
    return this.#listed;
  }
}

function mergeSorted(a: readonly string[], b: readonly string[]): string[] {
  const out: string[] = [];
  let i = 0;
  for (const name of b) {
    while (i < a.length && a[i]! < name) out.push(a[i++]!);
    out.push(name);
  }
  while (i < a.length) out.push(a[i++]!);
  return out;
}
