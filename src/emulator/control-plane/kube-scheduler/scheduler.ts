import { namespaces } from '../../api/core/namespace.ts';
import { nodes } from '../../api/core/node.ts';
import { pods } from '../../api/core/pod.ts';
import type { Node, Pod, PodCondition } from '../../api/generated/types.ts';
import { podDisruptionBudgets } from '../../api/policy/pod-disruption-budget.ts';
import type { Change, Client, EventSeriesRecorder, InformerFactory } from '../../client/index.ts';
import type { Call, Fiber, Kernel } from '../../kernel/index.ts';
import { isErrno } from '../../kernel/index.ts';
import { isNotFound, StatusError } from '../../machinery/status-error.ts';
import { violations } from './budgets.ts';
import { NodeCache } from './cache/node-cache.ts';
import { traceBinding, traceFilters, traceScores } from './decisions.ts';
import { DefaultSelectors } from './default-selector.ts';
import { explain } from './fit-error.ts';
import type { BindTools, Cycle, Plugin, PostFilterTools, QueuedPod, Rejection } from './framework.ts';
import { Nominations } from './nominations.ts';
import type { PluginScores } from './placement.ts';
import { Placement } from './placement.ts';
import { defaultPlugins } from './plugins/index.ts';
import { SchedulingQueue } from './queue.ts';
import { StorageView } from './storage-view.ts';

/** A cycle takes about this long in a real cluster of moderate size. */
const pace = { turnMs: 1, podsPerTurn: 2 };
const maxNoteLength = 1024;

export interface SchedulerParts {
  readonly kernel: Kernel;
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly recorder: EventSeriesRecorder;
  readonly schedulerName: string;
  readonly plugins?: readonly Plugin[];
}

/** Takes one Pod at a time: filters, scores, assumes and binds. It reads through informers and writes Bindings and Pod conditions. */
export class Scheduler {
  readonly cache = new NodeCache();
  readonly queue: SchedulingQueue;
  readonly #parts: SchedulerParts;
  readonly #plugins: readonly Plugin[];
  readonly #placement: Placement;
  readonly #nominations = new Nominations();
  readonly #fibers = new Set<Fiber>();
  readonly #bindTools: BindTools;
  #isRunning = false;
  #isStarted = false;
  #isStopped = false;

  constructor(parts: SchedulerParts) {
    this.#parts = parts;
    this.#plugins = parts.plugins ?? defaultPlugins;
    this.#placement = new Placement(this.#plugins, parts.kernel.random);
    this.queue = new SchedulingQueue(parts.kernel.loop, this.#plugins);
    this.queue.onActive = () => this.#run();
    this.#bindTools = { kernel: parts.kernel, client: parts.client, bind: (pod, nodeName) => this.#bind(pod, nodeName) };
    const selectors = new DefaultSelectors(parts.informers);
    const namespaceInformer = parts.informers.for(namespaces);
    parts.informers.for(podDisruptionBudgets);
    this.cache.defaultSelector = (pod) => selectors.of(pod);
    this.cache.namespaceLabels = (name) => namespaceInformer.get(name)?.metadata.labels;
    this.cache.storage = new StorageView(parts.informers, (event) => this.queue.happened(event));
    parts.informers.for(nodes).onChange((change) => this.#nodeChanged(change));
    parts.informers.for(pods).onChange((change) => this.#podChanged(change));
  }

  /** Begins to schedule; call it once the informers have synced. */
  start(): void {
    this.#isStarted = true;
    this.#run();
  }

  stop(): void {
    this.#isStopped = true;
    for (const fiber of this.#fibers) fiber.cancel();
  }

  #nodeChanged({ type, object, previous }: Change<Node>): void {
    if (type === 'DELETED') {
      this.cache.removeNode(object.metadata.name);
      return;
    }
    this.cache.setNode(object);
    if (!previous) this.queue.happened('NodeAdded');
    else {
      if (previous.spec !== object.spec) this.queue.happened('NodeTaintsChanged');
      if (previous.metadata.labels !== object.metadata.labels) this.queue.happened('NodeLabelsChanged');
      if (previous.status?.allocatable !== object.status?.allocatable) this.queue.happened('NodeAllocatableChanged');
    }
  }

  #podChanged({ type, object, previous }: Change<Pod>): void {
    const { nodeName, schedulerName } = object.spec;
    const phase = object.status?.phase;
    if (type === 'DELETED' || phase === 'Succeeded' || phase === 'Failed') {
      this.#podGone(object);
      return;
    }
    if (!nodeName) {
      if (schedulerName !== this.#parts.schedulerName) return;
      this.#nominations.follow(object);
      this.queue.add(object);
      return;
    }
    const isNew = previous?.spec.nodeName === undefined;
    if (isNew) {
      this.queue.delete(object.metadata.uid);
      this.#nominations.remove(object.metadata.uid);
      for (const plugin of this.#plugins) plugin.podSeen?.(object, this.cache);
    }
    this.cache.place(object, nodeName);
    if (isNew) this.queue.happened('PodAssigned');
    else if (previous.metadata.labels !== object.metadata.labels) this.queue.happened('PodLabelsChanged');
  }

  #podGone(pod: Pod): void {
    this.queue.delete(pod.metadata.uid);
    this.#nominations.remove(pod.metadata.uid);
    this.cache.remove(pod);
    if (pod.spec.nodeName) this.queue.happened('PodDeleted');
  }

  #run(): void {
    if (this.#isRunning || !this.#isStarted || this.#isStopped) return;
    this.#isRunning = true;
    this.#parts.kernel.loop.after(pace.turnMs, this.#turn, undefined);
  }

  readonly #turn = (): void => {
    this.#isRunning = false;
    if (this.#isStopped) return;
    for (let i = 0; i < pace.podsPerTurn; i++) {
      const queued = this.queue.pop();
      if (!queued) return;
      this.#spawn(this.#scheduleOne(queued));
    }
    this.#run();
  };

  #spawn(body: Call<void>): void {
    const fiber = this.#parts.kernel.fiber(body);
    if (fiber.isDone) return;
    for (const known of this.#fibers) if (known.isDone) this.#fibers.delete(known);
    this.#fibers.add(fiber);
  }

  *#scheduleOne(queued: QueuedPod): Call<void> {
    const { pod } = queued;
    if (pod.metadata.deletionTimestamp) {
      const note = `skip schedule deleting pod: ${pod.metadata.namespace}/${pod.metadata.name}`;
      this.#parts.recorder.record({ about: pod, type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', note });
      return;
    }
    const cycle: Cycle = { pod, podClass: this.cache.classOf(pod), cache: this.cache };
    if (this.cache.nodes.length === 0) {
      // Differs from Kubernetes: it is tried again when a node comes, where upstream tries in vain every ten seconds.
      return yield* this.#report(queued, 'no nodes available to schedule pods', undefined, new Set(['NodeName']));
    }
    const rejections = new Map<number, Rejection>();
    const outcome = this.#nominations.during(pod, this.cache, () => this.#choose(cycle, rejections));
    if (typeof outcome === 'number') return yield* this.#commit(queued, cycle, outcome);
    yield* this.#postFilter(queued, cycle, rejections, outcome);
  }

  /** The node to go to, or the sentence that says why there is none. */
  #choose(cycle: Cycle, rejections: Map<number, Rejection>): number | Failure {
    const { kernel } = this.#parts;
    const { plans, rejection, nodes: names, narrowedBy } = this.#placement.plan(cycle);
    const total = this.cache.nodes.length;
    if (rejection)
      return {
        message: `0/${total} nodes are available: ${rejection.reasons.join(', ')}.`,
        rejectedBy: new Set([rejection.plugin]),
      };
    const nominated = cycle.pod.status?.nominatedNodeName;
    const info = nominated ? this.cache.info(nominated) : undefined;
    if (info && plans.every(({ filter }) => !filter!(info.index))) return info.index;
    const onReject = (node: number, why: Rejection): void => void rejections.set(node, why);
    const found = names ? this.#placement.findAmong(cycle, plans, names, onReject) : this.#placement.findFeasible(cycle, plans, onReject);
    if (kernel.trace.isOn) traceFilters(kernel.trace, cycle, this.#placement.feasible, rejections);
    if (found > 0) {
      const scores: PluginScores[] = [];
      const best = this.#placement.best(cycle, kernel.trace.isOn ? (score) => scores.push(score) : undefined);
      if (kernel.trace.isOn) traceScores(kernel.trace, cycle, this.#placement.feasible, scores, best);
      return best;
    }
    const rejectedBy = new Set([...rejections.values()].map(({ plugin }) => plugin));
    if (!names) return { message: explain(total, rejections.values()), rejectedBy };
    for (const plugin of narrowedBy) rejectedBy.add(plugin);
    const absent = `node(s) didn't satisfy plugin(s) [${narrowedBy.join(' ')}]`;
    return { message: explain(total, rejections.values(), { absent, absentCount: total - rejections.size }), rejectedBy };
  }

  *#commit(queued: QueuedPod, cycle: Cycle, node: number): Call<void> {
    const { pod } = cycle;
    const nodeName = this.cache.nodes[node]!.name;
    for (const plugin of this.#plugins) {
      const veto = plugin.reserve?.(cycle, node) ?? plugin.permit?.(cycle, node);
      if (!veto) continue;
      for (const other of this.#plugins) other.unreserve?.(cycle, node);
      return yield* this.#report(queued, veto.reasons.join(', '), undefined, new Set([veto.plugin]));
    }
    for (const plugin of this.#plugins) plugin.podSeen?.(pod, this.cache);
    this.cache.place(pod, nodeName);
    try {
      for (const plugin of this.#plugins) if (plugin.preBind) yield* plugin.preBind(cycle, nodeName, this.#bindTools);
      for (const plugin of this.#plugins) if (plugin.bind && (yield* plugin.bind(cycle, nodeName, this.#bindTools))) break;
    } catch (error) {
      if (!(error instanceof StatusError) && !isErrno(error)) throw error;
      this.cache.remove(pod);
      for (const plugin of this.#plugins) plugin.unreserve?.(cycle, node);
      return yield* this.#bindingFailed(queued, error);
    }
    const note = `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to ${nodeName}`;
    this.#parts.recorder.record({ about: pod, type: 'Normal', reason: 'Scheduled', action: 'Binding', note });
    if (this.#parts.kernel.trace.isOn) traceBinding(this.#parts.kernel.trace, pod, nodeName);
    for (const plugin of this.#plugins) plugin.postBind?.(cycle, nodeName);
  }

  *#bindingFailed(queued: QueuedPod, error: Error): Call<void> {
    if (isNotFound(error)) {
      this.queue.delete(queued.uid);
      return;
    }
    const note = `binding rejected: running Bind plugin "DefaultBinder": ${error.message}`;
    this.#parts.recorder.record({
      about: queued.pod,
      type: 'Warning',
      reason: 'FailedScheduling',
      action: 'Scheduling',
      note: shortened(note),
    });
    this.queue.failed(queued);
    yield* this.#patchStatus(queued.pod, { reason: 'SchedulerError', message: note }, undefined);
  }

  *#bind(pod: Pod, nodeName: string): Call<void> {
    const { name, namespace, uid } = pod.metadata;
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid }, target: { kind: 'Node', name: nodeName } };
    yield* this.#parts.client.act(pods, pod.metadata, 'binding', binding);
  }

  *#postFilter(queued: QueuedPod, cycle: Cycle, rejections: ReadonlyMap<number, Rejection>, failure: Failure): Call<void> {
    let { message } = failure;
    let nominatedNode: string | undefined;
    for (const plugin of this.#plugins) {
      if (!plugin.postFilter) continue;
      try {
        const result = yield* plugin.postFilter(cycle, rejections, this.#postFilterTools);
        if (!result) continue;
        if (result.message) message += ` ${result.message}`;
        nominatedNode = result.nominatedNode;
        if (nominatedNode) this.#nominations.add(cycle.pod, nominatedNode);
      } catch (error) {
        if (!(error instanceof StatusError) && !isErrno(error)) throw error;
        message += ` preemption: ${error.message}`;
      }
    }
    yield* this.#report(queued, message, nominatedNode, failure.rejectedBy);
  }

  readonly #postFilterTools: PostFilterTools = {
    filterNode: (cycle, node) => this.#placement.check(cycle, node),
    preempt: (victim, preemptor, nodeName) => this.#preempt(victim, preemptor, nodeName),
    violatesBudget: (victims) => violations(victims, [...this.#parts.informers.for(podDisruptionBudgets).values()]),
    clearNominations: (nodeName, below) => this.#clearNominations(nodeName, below),
  };

  *#preempt(victim: Pod, preemptor: Pod, nodeName: string): Call<void> {
    const message = `${preemptor.spec.schedulerName}: preempting to accommodate a higher priority pod`;
    const condition = this.#condition(victim, { type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler', message });
    const { client, recorder } = this.#parts;
    try {
      yield* client.patch(
        pods,
        victim.metadata,
        { type: 'application/strategic-merge-patch+json', body: { status: { conditions: [condition] } } },
        { subresource: 'status' },
      );
      yield* client.delete(pods, victim.metadata);
    } catch (error) {
      if (isNotFound(error)) return;
      throw error;
    }
    const note = `Preempted by pod ${preemptor.metadata.uid} on node ${nodeName}`;
    recorder.record({ about: victim, related: preemptor, type: 'Normal', reason: 'Preempted', action: 'Preempting', note });
  }

  *#clearNominations(nodeName: string, below: number): Call<void> {
    for (const pod of this.#nominations.below(nodeName, below)) {
      this.#nominations.remove(pod.metadata.uid);
      yield* this.#patchPod(pod, { nominatedNodeName: null });
    }
  }

  /** The Pod stays where it is: an Event and a condition say why. */
  *#report(queued: QueuedPod, message: string, nominatedNode: string | undefined, rejectedBy: ReadonlySet<string>): Call<void> {
    const { pod } = queued;
    // In the queue first: what the API server sends back about the Pod must find it there.
    this.queue.unschedulable(queued, rejectedBy);
    this.#parts.recorder.record({
      about: pod,
      type: 'Warning',
      reason: 'FailedScheduling',
      action: 'Scheduling',
      note: shortened(message),
    });
    yield* this.#patchStatus(pod, { reason: 'Unschedulable', message }, nominatedNode);
  }

  *#patchStatus(
    pod: Pod,
    { reason, message }: { readonly reason: string; readonly message: string },
    nominatedNode: string | undefined,
  ): Call<void> {
    const current = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    const isSame = current?.status === 'False' && current.reason === reason && current.message === message;
    const nomination = nominatedNode === undefined || nominatedNode === (pod.status?.nominatedNodeName ?? '') ? undefined : nominatedNode;
    if (isSame && nomination === undefined) return;
    const conditions = isSame ? undefined : [this.#condition(pod, { type: 'PodScheduled', status: 'False', reason, message })];
    yield* this.#patchPod(pod, {
      ...(conditions ? { conditions } : {}),
      ...(nomination === undefined ? {} : { nominatedNodeName: nomination === '' ? null : nomination }),
    });
  }

  *#patchPod(pod: Pod, status: object): Call<void> {
    try {
      yield* this.#parts.client.patch(
        pods,
        pod.metadata,
        { type: 'application/strategic-merge-patch+json', body: { status } },
        { subresource: 'status' },
      );
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

interface Failure {
  readonly message: string;
  readonly rejectedBy: ReadonlySet<string>;
}

/** Notes of Events end at 1 KiB. */
function shortened(note: string): string {
  return note.length <= maxNoteLength ? note : `${note.slice(0, maxNoteLength - 4)} ...`;
}
