/** Creates and deletes Pods for a controller and records it on the owner (pkg/controller/controller_utils.go, RealPodControl). */
import { pods } from '../../api/core/pod.ts';
import type { Pod, PodTemplateSpec } from '../../api/generated/types.ts';
import type { Client, EventRecorder } from '../../client/index.ts';
import type { Call } from '../../kernel/index.ts';
import type { ApiObject, Draft, OwnerReference } from '../../machinery/objects.ts';
import { hasCause, isNotFound, StatusError } from '../../machinery/status-error.ts';

/** A Pod from a template. Labels, annotations and spec are passed on by reference: their identity is what others remember. */
export function podFromTemplate(owner: ApiObject, template: PodTemplateSpec, reference: readonly OwnerReference[]): Draft<Pod> {
  const { metadata, spec } = template;
  const draft: Draft<Pod> = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${owner.metadata.name}-`,
      namespace: owner.metadata.namespace,
      labels: metadata?.labels,
      annotations: metadata?.annotations,
      finalizers: metadata?.finalizers,
      ownerReferences: reference,
    },
    spec,
  };
  return draft;
}

export class PodControl {
  readonly #client: Client;
  readonly #recorder: EventRecorder;

  constructor(client: Client, recorder: EventRecorder) {
    this.#client = client;
    this.#recorder = recorder;
  }

  *create(owner: ApiObject, draft: Draft<Pod>): Call<Pod> {
    try {
      const pod = yield* this.#client.create(pods, draft);
      this.#recorder.normal(owner, 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
      return pod;
    } catch (error) {
      // In a namespace that is going away nothing can be created, and that is nobody's fault.
      if (error instanceof StatusError && !isNamespaceTerminating(error)) {
        this.#recorder.warning(owner, 'FailedCreate', `Error creating: ${error.message}`);
      }
      throw error;
    }
  }

  *delete(owner: ApiObject, pod: Pod): Call<void> {
    try {
      yield* this.#client.delete(pods, pod.metadata);
    } catch (error) {
      if (isNotFound(error)) throw error;
      if (error instanceof StatusError) this.#recorder.warning(owner, 'FailedDelete', `Error deleting: ${error.message}`);
      throw error;
    }
    this.#recorder.normal(owner, 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
  }
}

/** Whether a creation was refused because the namespace is being deleted. */
export function isNamespaceTerminating(error: unknown): boolean {
  return hasCause(error, 'NamespaceTerminating');
}

/** Runs `count` calls in batches of 1, 2, 4, …, and no further batch after one with a failure: what refuses all is asked once. */
export function* slowStart(count: number, call: () => Call<void>): Call<{ readonly succeeded: number; readonly error: Error | undefined }> {
  let succeeded = 0;
  for (let batch = 1, left = count; left > 0; batch *= 2) {
    let error: Error | undefined;
    const size = Math.min(batch, left);
    for (let i = 0; i < size; i++) {
      try {
        yield* call();
        succeeded++;
      } catch (failure) {
        error ??= failure as Error;
      }
    }
    if (error) return { succeeded, error };
    left -= size;
  }
  return { succeeded, error: undefined };
}
