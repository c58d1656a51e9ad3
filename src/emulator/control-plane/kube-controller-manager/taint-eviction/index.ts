/**
 * Taint eviction: deletes Pods from Nodes with a NoExecute taint that they do not tolerate, or no longer
 * (pkg/controller/tainteviction).
 */
import { nodes } from '../../../api/core/node.ts';
import { pods } from '../../../api/core/pod.ts';
import { tolerates } from '../../../api/core/toleration.ts';
import type { Pod, Taint } from '../../../api/generated/types.ts';
import type { Call, Timer } from '../../../kernel/index.ts';
import { isNotFound } from '../../../machinery/status-error.ts';
import type { Controller } from '../controller.ts';
import { byNodeName } from '../indexes.ts';

export const taintEvictionController: Controller = {
  name: 'taint-eviction-controller',
  start(context) {
    const { kernel } = context;
    const client = context.client('node-controller');
    const recorder = context.recorder(client, 'taint-eviction-controller');
    const nodeInformer = context.informers.for(nodes);
    const podInformer = context.informers.for(pods);
    const podsOn = podInformer.index(byNodeName);
    const planned = new Map<string, { readonly timer: Timer; readonly atMs: number }>();
    const due = new Set<string>();
    const queue = context.queue({ name: 'taint-eviction', reconcile });

    nodeInformer.onChange(({ object, previous }) => {
      if (noExecute(object.spec?.taints).length + noExecute(previous?.spec?.taints).length === 0) return;
      for (const uid of podsOn.get(object.metadata.name).keys()) queue.add(uid);
    });
    podInformer.onChange(({ type, object, previous }) => {
      if (type === 'DELETED') cancel(object.metadata.uid);
      else if (
        object.spec.nodeName &&
        (previous?.spec.nodeName !== object.spec.nodeName || previous.spec.tolerations !== object.spec.tolerations)
      ) {
        if (noExecute(nodeInformer.get(object.spec.nodeName)?.spec?.taints).length > 0) queue.add(object.metadata.uid);
      }
    });

    function cancel(uid: string): boolean {
      const plan = planned.get(uid);
      plan?.timer.cancel();
      due.delete(uid);
      return planned.delete(uid);
    }

    function* reconcile(uid: string): Call<void> {
      const pod = podInformer.byUID(uid);
      if (!pod || pod.metadata.deletionTimestamp) return;
      const taints = noExecute(nodeInformer.get(pod.spec.nodeName ?? '')?.spec?.taints);
      const ms = taints.length === 0 ? undefined : msUntilEviction(pod, taints);
      if (ms === undefined) {
        if (cancel(uid))
          recorder.normal(pod, 'TaintManagerEviction', `Cancelling deletion of Pod ${pod.metadata.namespace}/${pod.metadata.name}`);
        return;
      }
      if (ms <= 0 || due.has(uid)) {
        cancel(uid);
        yield* evict(pod);
      } else plan(uid, ms);
    }

    /** Of two plans for one Pod the first stays, unless the new one is earlier. */
    function plan(uid: string, ms: number): void {
      const atMs = kernel.loop.now + ms;
      const known = planned.get(uid);
      if (known && known.atMs <= atMs) return;
      known?.timer.cancel();
      const fire = (): void => {
        due.add(uid);
        queue.add(uid);
      };
      planned.set(uid, { atMs, timer: kernel.loop.timer(ms, fire, true) });
    }

    function* evict(pod: Pod): Call<void> {
      recorder.normal(pod, 'TaintManagerEviction', `Marking for deletion Pod ${pod.metadata.namespace}/${pod.metadata.name}`);
      const condition = {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'DeletionByTaintManager',
        message: 'Taint manager: deleting due to NoExecute taint',
        observedGeneration: pod.metadata.generation,
        lastTransitionTime: kernel.clock.timestamp(),
      };
      try {
        const body = { status: { conditions: [condition] } };
        yield* client.patch(pods, pod.metadata, { type: 'application/strategic-merge-patch+json', body }, { subresource: 'status' });
        yield* client.delete(pods, pod.metadata);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  },
};

function noExecute(taints: readonly Taint[] | undefined): readonly Taint[] {
  return taints?.filter(({ effect }) => effect === 'NoExecute') ?? [];
}

/** Milliseconds until the Pod must go: 0 at once, undefined never. The shortest tolerationSeconds counts. */
function msUntilEviction(pod: Pod, taints: readonly Taint[]): number | undefined {
  const tolerations = pod.spec.tolerations ?? [];
  let least = Number.POSITIVE_INFINITY;
  for (const taint of taints) {
    const covering = tolerations.filter((toleration) => tolerates([toleration], taint));
    if (covering.length === 0) return 0;
    for (const { tolerationSeconds } of covering)
      if (tolerationSeconds !== undefined) least = Math.min(least, Math.max(0, tolerationSeconds) * 1000);
  }
  return least === Number.POSITIVE_INFINITY ? undefined : least;
}
