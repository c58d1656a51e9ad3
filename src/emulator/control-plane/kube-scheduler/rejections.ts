import type { Rejection } from './framework.ts';

/**
 * The nodes that will not do, by index, each with its reason and in the order in which they were looked at. A search may turn
 * down thousands of nodes for every Pod, and hardly ever somebody asks which: they are only noted, and the room is used again.
 */
export class Rejections {
  #nodes = new Int32Array(64);
  readonly #reasons: Rejection[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(node: number): Rejection | undefined {
    const at = this.#nodes.subarray(0, this.#size).indexOf(node);
    return at < 0 ? undefined : this.#reasons[at];
  }

  /** Forgets all, and makes room for so many nodes. */
  reset(nodes: number): void {
    this.#size = 0;
    if (this.#nodes.length < nodes) this.#nodes = new Int32Array(nodes * 2);
  }

  /** Notes a node that is not there yet. */
  add(node: number, why: Rejection): void {
    const at = this.#size++;
    this.#nodes[at] = node;
    this.#reasons[at] = why;
  }

  forEach(visit: (why: Rejection, node: number) => void): void {
    for (let i = 0; i < this.#size; i++) visit(this.#reasons[i]!, this.#nodes[i]!);
  }

  /** The plugins that have turned a node down. */
  plugins(): Set<string> {
    const found = new Set<string>();
    let last: Rejection | undefined;
    this.forEach((why) => {
      if (why !== last) found.add(why.plugin);
      last = why;
    });
    return found;
  }
}
