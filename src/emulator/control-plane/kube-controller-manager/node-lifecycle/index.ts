/**
 * Node lifecycle: notices Nodes whose kubelet is silent, and turns their conditions into taints
 * (pkg/controller/nodelifecycle).
 *
 * - It judges a Lease and a status by when it saw them change on its own clock; times in them are another machine's.
 * - Silent for 50 s: the conditions become Unknown, the Pods not ready. Taints follow: NoSchedule at once, NoExecute at most
 *   for one Node every ten seconds, and for none while more than half of the cluster is gone.
 * - Evicting Pods is the work of the taint eviction controller.
 *
 * Deliberately absent: zones; all Nodes count as one.
 */
import { leases } from '../../../api/coordination/lease.ts';
import { nodes } from '../../../api/core/node.ts';
import { pods } from '../../../api/core/pod.ts';
import type { Node, Pod, Taint } from '../../../api/generated/types.ts';
import type { Client, EventRecorder, Index, Informer, Workqueue } from '../../../client/index.ts';
import { retryOnConflict } from '../../../client/index.ts';
import type { Call, Kernel } from '../../../kernel/index.ts';
import { isNotFound } from '../../../machinery/status-error.ts';
import type { Controller, ControllerContext, ControllerSettings } from '../controller.ts';
import { byNodeName } from '../indexes.ts';
import { aboutNode } from '../node-subject.ts';
import { podCondition } from '../pod-state.ts';
import { notReadyTaint, unreachableTaint } from '../taints.ts';
import { readyCondition, unknownConditions, withNoExecuteTaint, withNoScheduleTaints } from './health.ts';

const startupGraceMs = 60_000;
const evictionPeriodMs = 10_000;
const unhealthyThreshold = 0.55;
const leaseNamespace = 'kube-node-lease';

export const nodeLifecycleController: Controller = {
  name: 'node-lifecycle-controller',
  start: (context) => {
    new NodeLifecycle(context);
  },
};

class NodeLifecycle {
  readonly #kernel: Kernel;
  readonly #settings: ControllerSettings;
  readonly #client: Client;
  readonly #recorder: EventRecorder;
  readonly #nodes: Informer<Node>;
  readonly #podsOn: Index<Pod>;
  readonly #queue: Workqueue<string>;
  /** When each Node was last heard. */
  readonly #heardMs = new Map<string, number>();
  #lastEvictionMs = Number.NEGATIVE_INFINITY;

  constructor(context: ControllerContext) {
    this.#kernel = context.kernel;
    this.#settings = context.settings;
    this.#client = context.client('node-controller');
    this.#recorder = context.recorder(this.#client, 'node-controller');
    this.#nodes = context.informers.for(nodes);
    this.#podsOn = context.informers.for(pods).index(byNodeName);
    this.#queue = context.queue({ name: 'node-lifecycle', reconcile: (name: string) => this.#taint(name) });
    this.#nodes.onChange(({ type, object, previous }) => {
      const { name } = object.metadata;
      if (type === 'DELETED') {
        this.#heardMs.delete(name);
        this.#recorder.normal(aboutNode(object), 'RemovingNode', `Node ${name} event: Removing Node ${name} from Controller`);
        return;
      }
      if (!previous)
        this.#recorder.normal(aboutNode(object), 'RegisteredNode', `Node ${name} event: Registered Node ${name} in Controller`);
      if (!previous || heartbeatOf(previous) !== heartbeatOf(object)) this.#heardMs.set(name, this.#kernel.loop.now);
      if (previous?.spec !== object.spec || previous?.status?.conditions !== object.status?.conditions) this.#queue.add(name);
    });
    context.informers.for(leases).onChange(({ type, object, previous }) => {
      if (object.metadata.namespace !== leaseNamespace || type === 'DELETED') return;
      if (previous?.spec.renewTime !== object.spec.renewTime) this.#heardMs.set(object.metadata.name, this.#kernel.loop.now);
    });
    context.every(context.settings.nodeMonitorPeriodMs, () => this.#monitor());
  }

  *#monitor(): Call<void> {
    const { loop } = this.#kernel;
    for (const node of this.#nodes.values()) {
      const heard = this.#heardMs.get(node.metadata.name) ?? loop.now;
      const grace = readyCondition(node) ? this.#settings.nodeMonitorGracePeriodMs : startupGraceMs;
      if (loop.now - heard > grace) yield* this.#markUnknown(node);
    }
    yield* this.#evictNext();
  }

  *#markUnknown(node: Node): Call<void> {
    const conditions = unknownConditions(node, this.#kernel.clock.timestamp());
    if (!conditions) return;
    const wasReady = readyCondition(node)?.status === 'True';
    const client = this.#client;
    try {
      yield* retryOnConflict(function* () {
        const stored = yield* client.get(nodes, node.metadata);
        yield* client.updateStatus(nodes, { ...stored, status: { ...stored.status, conditions } });
      });
    } catch (error) {
      if (isNotFound(error)) return;
      throw error;
    }
    if (wasReady) yield* this.#notReady(node);
  }

  *#notReady(node: Node): Call<void> {
    const { name } = node.metadata;
    this.#recorder.normal(aboutNode(node), 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
    for (const pod of [...this.#podsOn.get(name).values()]) yield* this.#markPodNotReady(pod);
  }

  *#markPodNotReady(pod: Pod): Call<void> {
    const ready = podCondition(pod, 'Ready');
    if (ready?.status !== 'True') return;
    const condition = { ...ready, status: 'False', lastTransitionTime: this.#kernel.clock.timestamp() };
    try {
      const body = { status: { conditions: [condition] } };
      yield* this.#client.patch(pods, pod.metadata, { type: 'application/strategic-merge-patch+json', body }, { subresource: 'status' });
    } catch (error) {
      if (isNotFound(error)) return;
      throw error;
    }
    this.#recorder.warning(pod, 'NodeNotReady', 'Node is not ready');
  }

  /** Follows a change of a Node at once: NoSchedule taints come and go, NoExecute taints only go or swap here. */
  *#taint(name: string): Call<void> {
    const node = this.#nodes.get(name);
    if (!node) return;
    const now = this.#kernel.clock.timestamp();
    let taints = withNoScheduleTaints(node, now);
    const has = (node.spec?.taints ?? []).some(
      ({ key, effect }) => effect === 'NoExecute' && (key === notReadyTaint || key === unreachableTaint),
    );
    if (has) taints = withNoExecuteTaint({ ...node, spec: { ...node.spec, taints } }, wantedNoExecute(node), now);
    yield* this.#writeTaints(node, taints);
    if (readyCondition(node)?.status === 'False') yield* this.#podsOfUnready(node);
  }

  /** A kubelet that says itself that it is not ready: its Pods are not either. */
  *#podsOfUnready(node: Node): Call<void> {
    for (const pod of [...this.#podsOn.get(node.metadata.name).values()]) yield* this.#markPodNotReady(pod);
  }

  /** Taints the next Node that is not ready, unless too many are: then the fault may be ours. */
  *#evictNext(): Call<void> {
    const { loop, clock } = this.#kernel;
    let total = 0;
    let unready = 0;
    let next: Node | undefined;
    for (const node of this.#nodes.values()) {
      total++;
      const key = wantedNoExecute(node);
      if (key === undefined) continue;
      unready++;
      if (withNoExecuteTaint(node, key, '') !== (node.spec?.taints ?? noTaints) && !next) next = node;
    }
    if (!next || unready === total || (unready > 2 && unready / total >= unhealthyThreshold)) return;
    if (loop.now - this.#lastEvictionMs < evictionPeriodMs) return;
    this.#lastEvictionMs = loop.now;
    yield* this.#writeTaints(next, withNoExecuteTaint(next, wantedNoExecute(next), clock.timestamp()));
  }

  *#writeTaints(node: Node, taints: readonly Taint[]): Call<void> {
    if (taints === (node.spec?.taints ?? noTaints) || (taints.length === 0 && !node.spec?.taints)) return;
    // The resourceVersion makes it fail when somebody else has changed the list meanwhile.
    const body = { metadata: { resourceVersion: node.metadata.resourceVersion }, spec: { taints: taints.length === 0 ? null : taints } };
    try {
      yield* this.#client.patch(nodes, node.metadata, { type: 'application/merge-patch+json', body });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

const noTaints: readonly Taint[] = [];

function wantedNoExecute(node: Node): string | undefined {
  const status = readyCondition(node)?.status;
  if (status === 'False') return notReadyTaint;
  return status === 'Unknown' ? unreachableTaint : undefined;
}

function heartbeatOf(node: Node): string | undefined {
  return readyCondition(node)?.lastHeartbeatTime;
}
