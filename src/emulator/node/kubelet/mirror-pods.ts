/** The API's images of static Pods: made when they are missing, taken away when they are others' (pkg/kubelet/pod/mirror_client.go). */
import { nodes } from '../../api/core/node.ts';
import { pods } from '../../api/core/pod.ts';
import type { Pod } from '../../api/generated/types.ts';
import type { Informer, SessionClient } from '../../client/index.ts';
import type { Call, Kernel } from '../../kernel/index.ts';
import { isErrno } from '../../kernel/index.ts';
import { isAlreadyExists, isConflict, isNotFound, StatusError } from '../../machinery/status-error.ts';
import type { PodWorker } from './pod-worker.ts';

export const mirrorAnnotation = 'kubernetes.io/config.mirror';
const hashAnnotation = 'kubernetes.io/config.hash';

export interface MirrorPodsOptions {
  readonly kernel: Kernel;
  readonly client: SessionClient;
  readonly nodeName: string;
  /** What the API has on this node. */
  readonly pods: Informer<Pod>;
  readonly log: (text: string) => void;
}

export class MirrorPods {
  readonly #options: MirrorPodsOptions;
  #isStopped = false;

  constructor(options: MirrorPodsOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#isStopped = true;
  }

  *create(worker: PodWorker): Call<void> {
    const { kernel, client, nodeName, pods: known, log } = this.#options;
    const { pod } = worker;
    const { uid: _uid, creationTimestamp: _created, resourceVersion: _version, ...metadata } = pod.metadata;
    const annotations = { ...metadata.annotations, [mirrorAnnotation]: metadata.annotations![hashAnnotation]! };
    while (!this.#isStopped && worker.state === 'running' && !worker.apiPod) {
      try {
        const node = yield* client.get(nodes, { name: nodeName });
        const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid: node.metadata.uid, controller: true }];
        worker.apiPod = yield* client.create(pods, {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { ...metadata, annotations, ownerReferences },
          spec: pod.spec,
        });
        worker.updateStatus();
        return;
      } catch (error) {
        if (!isTransient(error)) throw error;
        log(`"Failed creating a mirror pod for" err="${error.message}" pod="${metadata.namespace}/${metadata.name}"`);
        if (isAlreadyExists(error)) {
          const mirror = known.get(metadata.name, metadata.namespace);
          if (mirror) yield* this.remove(mirror);
        }
        yield* kernel.sleep(2000, true);
      }
    }
  }

  *remove({ metadata: { name, namespace, uid } }: Pod): Call<void> {
    const { kernel, client } = this.#options;
    while (!this.#isStopped) {
      try {
        yield* client.delete(pods, { name, namespace }, { gracePeriodSeconds: 0, preconditions: { uid } });
        return;
      } catch (error) {
        if (isNotFound(error) || isConflict(error)) return;
        if (!isTransient(error)) throw error;
        // The Pod that ended may be the API server itself.
        yield* kernel.sleep(2000, true);
      }
    }
  }
}

function isTransient(error: unknown): error is Error {
  return error instanceof StatusError || isErrno(error);
}
