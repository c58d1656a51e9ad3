/** The last two answers of every node, and the rates between them (metrics-server/pkg/storage). */
import type { NodePoint, Point } from './scrape.ts';

/** CPU in thousandths of a thousandth of a thousandth (nanocores), memory in bytes. */
export interface Rate {
  readonly nanoCores: number;
  readonly memoryBytes: number;
  readonly atMs: number;
  readonly windowMs: number;
}

/** A container younger than this tells nothing yet when it was seen once only. */
const freshMs = 10_000;

export class PointStore {
  readonly #last = new Map<string, NodePoint>();
  readonly #previous = new Map<string, NodePoint>();

  /** Takes up a node's answer. Points of containers are found by `namespace/pod/container`. */
  put(node: string, point: NodePoint): void {
    const last = this.#last.get(node);
    if (last) this.#previous.set(node, last);
    this.#last.set(node, point);
  }

  /** Forgets nodes that are gone. */
  keep(nodes: ReadonlySet<string>): void {
    for (const map of [this.#last, this.#previous]) for (const name of map.keys()) if (!nodes.has(name)) map.delete(name);
  }

  get isEmpty(): boolean {
    return this.#previous.size === 0;
  }

  node(name: string): Rate | undefined {
    const last = this.#last.get(name);
    const previous = this.#previous.get(name);
    return last && previous && rateOf(last.node, previous.node);
  }

  /** The containers of a Pod; undefined unless all of them are known. */
  pod(node: string, key: string): ReadonlyMap<string, Rate> | undefined {
    const containers = this.#last.get(node)?.pods.get(key);
    if (!containers) return undefined;
    const before = this.#previous.get(node)?.pods.get(key);
    const rates = new Map<string, Rate>();
    for (const [name, last] of containers) {
      const rate = rateOf(last, before?.get(name));
      if (!rate) return undefined;
      rates.set(name, rate);
    }
    return rates;
  }
}

function rateOf(last: Point, previous: Point | undefined): Rate | undefined {
  // A container that was started again counts from its start.
  const isSame = previous !== undefined && previous.startMs === last.startMs && previous.cpuSeconds <= last.cpuSeconds;
  const from = isSame ? previous : last.startMs === undefined ? undefined : { atMs: last.startMs, cpuSeconds: 0 };
  if (!from) return undefined;
  const windowMs = last.atMs - from.atMs;
  if (windowMs <= 0 || (!isSame && windowMs < freshMs)) return undefined;
  return {
    nanoCores: Math.round(((last.cpuSeconds - from.cpuSeconds) * 1e12) / windowMs),
    memoryBytes: last.memoryBytes,
    atMs: last.atMs,
    windowMs,
  };
}
