import { pods } from '../../api/core/pod.ts';
import type { Pod, PodCondition } from '../../api/generated/types.ts';
import type { Client, EventSeriesRecorder } from '../../client/index.ts';
import type { Call, Kernel } from '../../kernel/index.ts';
import { isErrno } from '../../kernel/index.ts';
import { isNotFound, StatusError } from '../../machinery/status-error.ts';
import type { WaitingPods } from './waiting-pods.ts';

const maxNoteLength = 1024;
const strategicMerge = 'application/strategic-merge-patch+json';

/** Notes of Events end at 1 KiB. */
const shortened = (note: string): string => (note.length <= maxNoteLength ? note : `${note.slice(0, maxNoteLength - 4)} ...`);

export interface PodWriterParts {
  readonly kernel: Kernel;
  readonly client: Client;
  /** The recorder of a profile, by its schedulerName. */
  readonly recorder: (schedulerName: string) => EventSeriesRecorder;
  readonly waiting: WaitingPods;
}

/** What the scheduler writes of Pods: Bindings, conditions, nominations, Events, and the end of those that make room. */
export class PodWriter {
  readonly #parts: PodWriterParts;

  constructor(parts: PodWriterParts) {
    this.#parts = parts;
  }

  *bind(pod: Pod, nodeName: string): Call<void> {
    const { name, namespace, uid } = pod.metadata;
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid }, target: { kind: 'Node', name: nodeName } };
    yield* this.#parts.client.act(pods, pod.metadata, 'binding', binding);
  }

  scheduled(pod: Pod, nodeName: string): void {
    const note = `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to ${nodeName}`;
    this.#recorder(pod).record({ about: pod, type: 'Normal', reason: 'Scheduled', action: 'Binding', note });
  }

  failedScheduling(pod: Pod, message: string): void {
    const note = shortened(message);
    this.#recorder(pod).record({ about: pod, type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', note });
  }

  /** Says in the status why the Pod has no node, unless it stands there already. `nominatedNode`: '' clears it, undefined leaves it. */
  *unscheduled(
    pod: Pod,
    { reason, message }: { readonly reason: string; readonly message: string },
    nominatedNode?: string | undefined,
  ): Call<void> {
    const current = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    const isSame = current?.status === 'False' && current.reason === reason && current.message === message;
    const nomination = nominatedNode === undefined || nominatedNode === (pod.status?.nominatedNodeName ?? '') ? undefined : nominatedNode;
    if (isSame && nomination === undefined) return;
    const conditions = isSame ? undefined : [this.#condition(pod, { type: 'PodScheduled', status: 'False', reason, message })];
    yield* this.#patch(pod, {
      ...(conditions ? { conditions } : {}),
      ...(nomination === undefined ? {} : { nominatedNodeName: nomination === '' ? null : nomination }),
    });
  }

  *clearNomination(pod: Pod): Call<void> {
    yield* this.#patch(pod, { nominatedNodeName: null });
  }

  /** Deletes a Pod so that another can take its place. One that only waits for a permission is not deleted, but rejected. */
  *preempt(victim: Pod, preemptor: Pod, nodeName: string): Call<void> {
    const waiting = this.#parts.waiting.get(victim.metadata.uid);
    if (waiting) waiting.reject('DefaultPreemption', 'preempted');
    else if (!(yield* this.#remove(victim, preemptor))) return;
    const note = `Preempted by pod ${preemptor.metadata.uid} on node ${nodeName}`;
    const event = { about: victim, related: preemptor, type: 'Normal', reason: 'Preempted', action: 'Preempting', note } as const;
    this.#recorder(preemptor).record(event);
  }

  /** False when it is gone already. */
  *#remove(victim: Pod, preemptor: Pod): Call<boolean> {
    const message = `${preemptor.spec.schedulerName}: preempting to accommodate a higher priority pod`;
    const condition = this.#condition(victim, { type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler', message });
    const { client } = this.#parts;
    try {
      const body = { status: { conditions: [condition] } };
      yield* client.patch(pods, victim.metadata, { type: strategicMerge, body }, { subresource: 'status' });
      yield* client.delete(pods, victim.metadata);
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  #recorder({ spec }: Pod): EventSeriesRecorder {
    return this.#parts.recorder(spec.schedulerName ?? 'default-scheduler');
  }

  *#patch(pod: Pod, status: object): Call<void> {
    try {
      yield* this.#parts.client.patch(pods, pod.metadata, { type: strategicMerge, body: { status } }, { subresource: 'status' });
    } catch (error) {
      // It is gone, or the server is: the next attempt will say it again.
      if (!(error instanceof StatusError) && !isErrno(error)) throw error;
    }
  }

  #condition(pod: Pod, wanted: Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>): PodCondition {
    const current = pod.status?.conditions?.find(({ type }) => type === wanted.type);
    const lastTransitionTime = current?.status === wanted.status ? current.lastTransitionTime : this.#parts.kernel.clock.timestamp();
    return { ...wanted, observedGeneration: pod.metadata.generation, lastProbeTime: undefined, lastTransitionTime };
  }
}
