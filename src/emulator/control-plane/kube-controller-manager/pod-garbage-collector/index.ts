/** Pod garbage collector: removes Pods that nobody else will (pkg/controller/podgc): of Nodes that are gone, terminating ones without a Node, and ended ones beyond a threshold. */
import { nodes } from '../../../api/core/node.ts';
import { pods } from '../../../api/core/pod.ts';
import type { Pod } from '../../../api/generated/types.ts';
import type { Call } from '../../../kernel/index.ts';
import { isNotFound } from '../../../machinery/status-error.ts';
import type { Controller } from '../controller.ts';
import { byNodeName } from '../indexes.ts';
import { isPodTerminal } from '../pod-state.ts';

const periodMs = 20_000;
const quarantineMs = 40_000;

export const podGarbageCollector: Controller = {
  name: 'pod-garbage-collector-controller',
  start(context) {
    const { kernel } = context;
    const client = context.client('pod-garbage-collector');
    const podInformer = context.informers.for(pods);
    const podsOn = podInformer.index(byNodeName);
    const nodeInformer = context.informers.for(nodes);
    /** Nodes that are missing, and since when: one that was only just deleted may come back. */
    const missingSince = new Map<string, number>();
    /** Pods that have ended or are being deleted, kept by difference so that a turn costs nothing when there are none. */
    const ended = new Set<string>();
    podInformer.onChange(({ type, object }) => {
      if (type !== 'DELETED' && (isPodTerminal(object) || (object.metadata.deletionTimestamp && !object.spec.nodeName)))
        ended.add(object.metadata.uid);
      else ended.delete(object.metadata.uid);
    });
    context.every(periodMs, collect);

    function* collect(): Call<void> {
      yield* collectOrphans();
      const terminal: Pod[] = [];
      for (const uid of [...ended]) {
        const pod = podInformer.byUID(uid);
        if (!pod) continue;
        if (pod.metadata.deletionTimestamp && !pod.spec.nodeName) yield* remove(pod);
        else if (isPodTerminal(pod)) terminal.push(pod);
      }
      const surplus = terminal.length - context.settings.terminatedPodGCThreshold;
      if (context.settings.terminatedPodGCThreshold <= 0 || surplus <= 0) return;
      terminal.sort((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1));
      for (const pod of terminal.slice(0, surplus)) yield* remove(pod);
    }

    function* collectOrphans(): Call<void> {
      for (const name of [...podsOn.values]) {
        if (nodeInformer.get(name)) {
          missingSince.delete(name);
          continue;
        }
        const since = missingSince.get(name);
        if (since === undefined) missingSince.set(name, kernel.loop.now);
        else if (kernel.loop.now - since >= quarantineMs) for (const pod of [...podsOn.get(name).values()]) yield* removeOrphan(pod);
      }
    }

    function* removeOrphan(pod: Pod): Call<void> {
      if (!isPodTerminal(pod)) {
        const condition = {
          type: 'DisruptionTarget',
          status: 'True',
          reason: 'DeletionByPodGC',
          message: 'PodGC: node no longer exists',
          observedGeneration: pod.metadata.generation,
          lastTransitionTime: kernel.clock.timestamp(),
        };
        const body = { status: { phase: 'Failed', conditions: [condition] } };
        try {
          yield* client.patch(pods, pod.metadata, { type: 'application/strategic-merge-patch+json', body }, { subresource: 'status' });
        } catch (error) {
          if (isNotFound(error)) return;
          throw error;
        }
      }
      yield* remove(pod);
    }

    function* remove(pod: Pod): Call<void> {
      try {
        yield* client.delete(pods, pod.metadata, { gracePeriodSeconds: 0 });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  },
};
