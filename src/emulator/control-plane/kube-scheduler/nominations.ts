import type { Pod } from '../../api/generated/types.ts';
import type { NodeCache } from './cache/node-cache.ts';
import type { Cycle, NodeFilter } from './framework.ts';

const priorityOf = (pod: Pod): number => pod.spec.priority ?? 0;

/** Pods that made room on a node and wait for it: others of no higher priority must leave that room alone. */
export class Nominations {
  readonly #byUID = new Map<string, { pod: Pod; readonly nodeName: string }>();
  readonly #byNode = new Map<string, Map<string, Pod>>();
  /** The nodes of `#byNode` by index: a search asks it of every node. */
  #nodes: ReadonlySet<number> = new Set();
  /** As which the cache numbered its nodes when `#nodes` was made; -1 after a nomination. */
  #epoch = -1;

  add(pod: Pod, nodeName: string): void {
    const { uid } = pod.metadata;
    this.remove(uid);
    this.#byUID.set(uid, { pod, nodeName });
    this.#epoch = -1;
    const onNode = this.#byNode.get(nodeName);
    if (onNode) onNode.set(uid, pod);
    else this.#byNode.set(nodeName, new Map([[uid, pod]]));
  }

  remove(uid: string): void {
    const known = this.#byUID.get(uid);
    if (!known) return;
    this.#byUID.delete(uid);
    this.#epoch = -1;
    const onNode = this.#byNode.get(known.nodeName)!;
    onNode.delete(uid);
    if (onNode.size === 0) this.#byNode.delete(known.nodeName);
  }

  /** Takes over what the Pod's status says, also after the scheduler was started anew. */
  follow(pod: Pod): void {
    const nodeName = pod.status?.nominatedNodeName;
    if (nodeName) this.add(pod, nodeName);
    else if (this.#byUID.size > 0) this.remove(pod.metadata.uid);
  }

  /** The Pods nominated to a node with less priority. */
  below(nodeName: string, priority: number): Pod[] {
    return [...(this.#byNode.get(nodeName)?.values() ?? [])].filter((pod) => priorityOf(pod) < priority);
  }

  /**
   * A second look at nodes that others are nominated to: with those of at least the Pod's priority counted in, the filters
   * must let the node pass as well (RunFilterPluginsWithNominatedPods). Undefined for most Pods, when nobody is nominated.
   */
  checkWith({ pod, cache }: Cycle, checker: () => NodeFilter): NodeFilter | undefined {
    if (this.#byNode.size === 0) return undefined;
    const nodes = this.#nodesIn(cache);
    let check: NodeFilter | undefined;
    return (node) => {
      if (!nodes.has(node)) return undefined;
      const guests = this.#guestsOn(cache.nodes[node]!.name, pod, cache);
      if (!guests) return undefined;
      for (const guest of guests) cache.place(guest, cache.nodes[node]!.name);
      const found = (check ??= checker())(node);
      for (const guest of guests) cache.remove(guest);
      return found;
    };
  }

  #nodesIn(cache: NodeCache): ReadonlySet<number> {
    if (this.#epoch === cache.labelEpoch) return this.#nodes;
    const nodes = new Set<number>();
    for (const name of this.#byNode.keys()) {
      const info = cache.info(name);
      if (info) nodes.add(info.index);
    }
    this.#nodes = nodes;
    this.#epoch = cache.labelEpoch;
    return nodes;
  }

  #guestsOn(nodeName: string, pod: Pod, cache: NodeCache): readonly Pod[] | undefined {
    const onNode = this.#byNode.get(nodeName);
    if (!onNode) return undefined;
    const guests = [...onNode.values()].filter(
      ({ metadata, spec }) => metadata.uid !== pod.metadata.uid && (spec.priority ?? 0) >= priorityOf(pod) && !cache.placed(metadata.uid),
    );
    return guests.length > 0 ? guests : undefined;
  }
}
