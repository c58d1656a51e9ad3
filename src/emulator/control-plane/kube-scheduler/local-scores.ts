import type { Cycle, NodeSet } from './framework.ts';
import type { PodClass } from './cache/pod-class.ts';
import type { WeightedPlugin } from './profile.ts';

/** How many classes of Pods are remembered. */
const maxClasses = 64;

interface Memory {
  /** What the node's version was when it was scored, by node index; -1 for never. */
  readonly versions: Int32Array;
  readonly totals: Float64Array;
}

/**
 * Scores that depend on the Pod's class and on what is on the node alone. Between two Pods of a class few nodes have changed:
 * only those are scored anew. The first Pod of a class leaves nothing behind, since many a Pod is the only one of its class.
 */
export class LocalScores {
  readonly #scorers: readonly WeightedPlugin[];
  readonly #known = new Map<PodClass, Memory | undefined>();
  readonly #stale: NodeSet = { indices: new Int32Array(64), count: 0 };
  #raw = new Float64Array(64);

  constructor(scorers: readonly WeightedPlugin[]) {
    this.#scorers = scorers.filter(({ plugin }) => plugin.isLocalScore);
  }

  /** Writes the weighed sum of these scores for each node to `out`. False when nothing is known of the class: then nothing is written. */
  write(cycle: Cycle, { indices, count }: NodeSet, out: Float64Array): boolean {
    const memory = this.#memoryOf(cycle);
    if (!memory) return false;
    const { versions } = cycle.cache;
    const { versions: seen, totals } = memory;
    this.#reserve(count);
    const stale = this.#stale.indices;
    let changed = 0;
    for (let n = 0; n < count; n++) {
      const node = indices[n]!;
      if (seen[node] !== versions[node]) stale[changed++] = node;
    }
    this.#stale.count = changed;
    if (changed > 0) this.#score(cycle, memory);
    for (let n = 0; n < count; n++) out[n] = totals[indices[n]!]!;
    return true;
  }

  #score(cycle: Cycle, { versions: seen, totals }: Memory): void {
    const { indices, count } = this.#stale;
    const { versions } = cycle.cache;
    for (let n = 0; n < count; n++) {
      const node = indices[n]!;
      seen[node] = versions[node]!;
      totals[node] = 0;
    }
    for (const { plugin, weight } of this.#scorers) {
      const score = plugin.preScore!(cycle, this.#stale);
      if (!score) continue;
      score(this.#stale, this.#raw);
      for (let n = 0; n < count; n++) totals[indices[n]!]! += weight * this.#raw[n]!;
    }
  }

  #memoryOf({ podClass, cache }: Cycle): Memory | undefined {
    let memory = this.#known.get(podClass);
    if (memory !== undefined && memory.totals.length >= cache.nodes.length) return memory;
    const isFirst = memory === undefined && !this.#known.has(podClass);
    const size = cache.versions.length;
    if (!isFirst) memory = { versions: new Int32Array(size).fill(-1), totals: new Float64Array(size) };
    if (this.#known.size >= maxClasses) for (const oldest of this.#known.keys()) if (this.#known.delete(oldest)) break;
    this.#known.set(podClass, memory);
    return memory;
  }

  #reserve(count: number): void {
    if (this.#raw.length >= count) return;
    this.#raw = new Float64Array(count * 2);
    (this.#stale as { indices: Int32Array }).indices = new Int32Array(count * 2);
  }
}
