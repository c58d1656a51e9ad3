import type { Pod } from '../../api/generated/types.ts';
import type { Call } from '../../kernel/index.ts';
import { isErrno } from '../../kernel/index.ts';
import { StatusError } from '../../machinery/status-error.ts';
import type { Nominations } from './nominations.ts';
import type { PodWriter } from './pod-writer.ts';

const priorityOf = (pod: Pod): number => pod.spec.priority ?? 0;

/**
 * Makes room on a node beside the scheduling of other Pods (pkg/scheduler/framework/preemption/executor.go, since v1.33 by
 * default). Until the last victim's end is asked for, the preemptor stays out of the queue: that event then brings it back.
 */
export class Evictions {
  readonly #preempting = new Set<string>();
  readonly #writer: PodWriter;
  readonly #nominations: Nominations;

  constructor(writer: PodWriter, nominations: Nominations) {
    this.#writer = writer;
    this.#nominations = nominations;
  }

  isPreempting(uid: string): boolean {
    return this.#preempting.has(uid);
  }

  /** `onFailure` is called when a victim could not be deleted: the preemptor must be tried anew. */
  *evict(preemptor: Pod, nodeName: string, all: readonly Pod[], onFailure: () => void): Call<void> {
    const { uid } = preemptor.metadata;
    const victims = all.filter(({ metadata }) => !metadata.deletionTimestamp);
    if (victims.length === 0) return;
    this.#preempting.add(uid);
    try {
      for (const pod of this.#nominations.below(nodeName, priorityOf(preemptor))) {
        this.#nominations.remove(pod.metadata.uid);
        yield* this.#writer.clearNomination(pod);
      }
      for (const victim of victims.slice(0, -1)) yield* this.#writer.preempt(victim, preemptor, nodeName);
      this.#preempting.delete(uid);
      yield* this.#writer.preempt(victims.at(-1)!, preemptor, nodeName);
    } catch (error) {
      if (!(error instanceof StatusError) && !isErrno(error)) throw error;
      this.#preempting.delete(uid);
      onFailure();
    }
  }
}
