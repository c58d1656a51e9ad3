import type { Pod } from '../../api/generated/types.ts';
import type { NodeCache } from './cache/node-cache.ts';

const priorityOf = (pod: Pod): number => pod.spec.priority ?? 0;

/** Pods that made room on a node and wait for it: others of no higher priority must leave that room alone. */
export class Nominations {
  readonly #byUID = new Map<string, { pod: Pod; readonly nodeName: string }>();

  add(pod: Pod, nodeName: string): void {
    this.#byUID.set(pod.metadata.uid, { pod, nodeName });
  }

  remove(uid: string): void {
    this.#byUID.delete(uid);
  }

  /** Takes over what the Pod's status says, also after the scheduler was started anew. */
  follow(pod: Pod): void {
    const nodeName = pod.status?.nominatedNodeName;
    if (nodeName) this.add(pod, nodeName);
    else if (this.#byUID.size > 0) this.#byUID.delete(pod.metadata.uid);
  }

  /** The Pods nominated to a node with less priority. */
  below(nodeName: string, priority: number): Pod[] {
    return [...this.#byUID.values()]
      .filter((known) => known.nodeName === nodeName && priorityOf(known.pod) < priority)
      .map(({ pod }) => pod);
  }

  /** Runs a search as if the nominated Pods of at least the Pod's priority were on their nodes already. */
  // Differs from Kubernetes: upstream also asks whether the Pod would fit without them, which matters to Pods that want to be near one.
  during<R>(pod: Pod, cache: NodeCache, search: () => R): R {
    if (this.#byUID.size === 0) return search();
    const guests: Pod[] = [];
    for (const { pod: guest, nodeName } of this.#byUID.values()) {
      if (
        guest.metadata.uid === pod.metadata.uid ||
        priorityOf(guest) < priorityOf(pod) ||
        cache.placed(guest.metadata.uid) ||
        !cache.info(nodeName)
      )
        continue;
      cache.place(guest, nodeName);
      guests.push(guest);
    }
    const result = search();
    for (const guest of guests) cache.remove(guest);
    return result;
  }
}
