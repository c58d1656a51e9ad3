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

  /**
   * Counts the nominated Pods of at least the Pod's priority as if they were on their nodes. Returns those nodes' names, none
   * for most Pods; `unseat` must follow.
   */
  seat(pod: Pod, cache: NodeCache): ReadonlyMap<string, readonly Pod[]> | undefined {
    if (this.#byUID.size === 0) return undefined;
    const guests = new Map<string, Pod[]>();
    for (const { pod: guest, nodeName } of this.#byUID.values()) {
      if (guest.metadata.uid === pod.metadata.uid || priorityOf(guest) < priorityOf(pod)) continue;
      if (cache.placed(guest.metadata.uid) || !cache.info(nodeName)) continue;
      cache.place(guest, nodeName);
      const seated = guests.get(nodeName);
      if (seated) seated.push(guest);
      else guests.set(nodeName, [guest]);
    }
    return guests.size === 0 ? undefined : guests;
  }

  unseat(guests: ReadonlyMap<string, readonly Pod[]>, cache: NodeCache): void {
    for (const seated of guests.values()) for (const guest of seated) cache.remove(guest);
  }
}
