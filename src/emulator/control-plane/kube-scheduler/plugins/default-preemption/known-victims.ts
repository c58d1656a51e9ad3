import type { Pod } from '../../../../api/generated/types.ts';
import type { Cycle, PostFilterTools, Rejection } from '../../framework.ts';
import type { Candidate } from './choice.ts';

type VictimsOn = (cycle: Cycle, node: number, tools: PostFilterTools) => Candidate | Rejection;

/**
 * What came out on the nodes for the last Pod that looked for victims. Pods that preempt come in numbers and of one template, and
 * between two of them few nodes have changed.
 */
export class KnownVictims {
  #pod: Pod | undefined;
  readonly #found: (Candidate | Rejection | undefined)[] = [];
  readonly #versions: number[] = [];

  /** `victimsOn` for this Pod, which looks again only where something has changed. */
  with(cycle: Cycle, tools: PostFilterTools, victimsOn: VictimsOn): (node: number) => Candidate | Rejection {
    if (!this.#pod || !isOfOneTemplate(this.#pod, cycle.pod)) this.#found.length = 0;
    this.#pod = cycle.pod;
    const { length } = cycle.cache.nodes;
    while (this.#found.length < length) {
      this.#versions[this.#found.length] = -1;
      this.#found.push(undefined);
    }
    return (node) => {
      const version = tools.versionOf(cycle, node);
      if (version === undefined) return victimsOn(cycle, node, tools);
      let found = this.#versions[node] === version ? this.#found[node] : undefined;
      if (!found) {
        found = victimsOn(cycle, node, tools);
        this.#found[node] = found;
        this.#versions[node] = version;
      }
      return found;
    };
  }
}

/** Whether local filters and the choice of victims see no difference between the two. */
const isOfOneTemplate = ({ metadata: metaA, spec: a }: Pod, { metadata: metaB, spec: b }: Pod): boolean =>
  a.containers === b.containers &&
  a.initContainers === b.initContainers &&
  a.overhead === b.overhead &&
  a.resources === b.resources &&
  a.affinity === b.affinity &&
  a.nodeSelector === b.nodeSelector &&
  a.tolerations === b.tolerations &&
  a.priority === b.priority &&
  metaA.namespace === metaB.namespace;
