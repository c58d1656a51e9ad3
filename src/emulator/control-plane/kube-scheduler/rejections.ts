import type { Rejection } from './framework.ts';

/**
 * The nodes that will not do, by index, each with its reason and in the order in which they were looked at. A search may turn
 * down thousands of nodes for every Pod, and hardly ever somebody asks which: no map is built, and the room is used again.
 */
export class Rejections {
  readonly #byNode: (Rejection | undefined)[] = [];
  #order = new Int32Array(64);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(node: number): Rejection | undefined {
    return this.#byNode[node];
  }

  /** Forgets all, and makes room for so many nodes. */
  reset(nodes: number): void {
    for (let i = 0; i < this.#size; i++) this.#byNode[this.#order[i]!] = undefined;
    this.#size = 0;
    while (this.#byNode.length < nodes) this.#byNode.push(undefined);
    if (this.#order.length < nodes) this.#order = new Int32Array(nodes * 2);
  }

  set(node: number, why: Rejection): void {
    if (this.#byNode[node] === undefined) this.#order[this.#size++] = node;
    this.#byNode[node] = why;
  }

  forEach(visit: (why: Rejection, node: number) => void): void {
    for (let i = 0; i < this.#size; i++) {
      const node = this.#order[i]!;
      visit(this.#byNode[node]!, node);
    }
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
