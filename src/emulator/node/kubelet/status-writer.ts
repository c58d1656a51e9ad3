/**
 * Sends Pods' status to the API server when it changed (upstream pkg/kubelet/status/status_manager.go).
 *
 * Differs from Kubernetes: the kubelet replaces the status (update, with the version that it knows); upstream patches it.
 */
import { pods } from '../../api/core/pod.ts';
import type { Pod, PodStatus } from '../../api/generated/types.ts';
import type { Client } from '../../client/index.ts';
import type { Call, Kernel } from '../../kernel/index.ts';
import { isErrno } from '../../kernel/index.ts';
import { semanticEqual } from '../../machinery/equality.ts';
import { isConflict, isNotFound, StatusError } from '../../machinery/status-error.ts';

/** What the writer knows of one Pod. */
export interface StatusTarget {
  /** The object in the API whose status it is: the Pod, or a static Pod's mirror. Undefined while there is none. */
  readonly apiPod: Pod | undefined;
  /** The status that should be there. */
  readonly status: PodStatus | undefined;
  /** Called with what the API server stored. */
  stored(pod: Pod): void;
  /** Called when there is nothing left to write. */
  settled(): void;
}

const retryMs = 10_000;

export class StatusWriter {
  readonly #kernel: Kernel;
  readonly #client: Client;
  readonly #busy = new Set<StatusTarget>();
  readonly #dirty = new Set<StatusTarget>();
  isStopped = false;

  constructor(kernel: Kernel, client: Client) {
    this.#kernel = kernel;
    this.#client = client;
  }

  /** Sees to it that the target's status gets there. Writes of one Pod never overlap. */
  request(target: StatusTarget): void {
    if (this.#busy.has(target)) {
      this.#dirty.add(target);
      return;
    }
    if (!needsWrite(target)) {
      target.settled();
      return;
    }
    this.#busy.add(target);
    this.#kernel.fiber(this.#write(target));
  }

  *#write(target: StatusTarget): Call<void> {
    // What was sent is not sent again, whatever the server made of it.
    let sent: PodStatus | undefined;
    while (needsWrite(target) && target.status !== sent && !this.isStopped) {
      const pod = target.apiPod!;
      this.#dirty.delete(target);
      try {
        const status = target.status;
        target.stored(yield* this.#client.updateStatus(pods, { ...pod, status }));
        sent = status;
      } catch (error) {
        if (isNotFound(error)) break;
        if (isConflict(error)) {
          const latest = yield* this.#latest(pod);
          if (!latest) break;
          target.stored(latest);
        } else if (error instanceof StatusError || isErrno(error)) {
          // The next periodic sync would try again; this is it.
          yield* this.#kernel.sleep(retryMs, true);
        } else throw error;
      }
    }
    this.#busy.delete(target);
    if (this.#dirty.delete(target)) this.request(target);
    else target.settled();
  }

  /** The Pod as it is now; undefined if it is gone or another one has its name. */
  *#latest(pod: Pod): Call<Pod | undefined> {
    const { namespace, name, uid } = pod.metadata;
    try {
      const latest = yield* this.#client.get(pods, { namespace, name });
      return latest.metadata.uid === uid ? latest : undefined;
    } catch (error) {
      if (error instanceof StatusError || isErrno(error)) return undefined;
      throw error;
    }
  }
}

function needsWrite({ apiPod, status }: StatusTarget): boolean {
  return apiPod !== undefined && status !== undefined && !semanticEqual(apiPod.status, status);
}
