import { namespaces } from '../../api/core/namespace.ts';
import { nodes } from '../../api/core/node.ts';
import { pods } from '../../api/core/pod.ts';
import type { Namespace, Node, Pod } from '../../api/generated/types.ts';
import { podDisruptionBudgets } from '../../api/policy/pod-disruption-budget.ts';
import type { Change, Client, EventSeriesRecorder, InformerFactory } from '../../client/index.ts';
import type { Call, Fiber, Kernel } from '../../kernel/index.ts';
import { isErrno } from '../../kernel/index.ts';
import { equal } from '../../machinery/equality.ts';
import { isNotFound, StatusError } from '../../machinery/status-error.ts';
import { violations } from './budgets.ts';
import { NodeCache } from './cache/node-cache.ts';
import { AttemptRecord, victimName } from './decisions.ts';
import { DefaultSelectors } from './default-selector.ts';
import { nodeEvents, podEvents } from './events.ts';
import { Evictions } from './evictions.ts';
import { ExtenderError } from './extenders/extender.ts';
import type { Extenders } from './extenders/index.ts';
import { extenderName } from './extenders/index.ts';
import type { NodeVictims } from './extenders/wire.ts';
import { explain } from './fit-error.ts';
import { PluginFailure } from './framework.ts';
import type { BindTools, Cycle, NodeFilter, Plugin, PostFilterTools, QueuedPod, Rejection } from './framework.ts';
import { Nominations } from './nominations.ts';
import type { NodeCheck, Plan } from './placement.ts';
import { Placement } from './placement.ts';
import { Rejections } from './rejections.ts';
import { PodWriter } from './pod-writer.ts';
import type { Profile } from './profile.ts';
import type { QueueSettings } from './queue.ts';
import { SchedulingQueue } from './queue.ts';
import { WaitingPod } from './waiting-pods.ts';
import type { WaitingPods } from './waiting-pods.ts';
import { StorageView } from './storage-view.ts';

/** A cycle takes about this long in a real cluster of moderate size. */
const pace = { turnMs: 1, podsPerTurn: 2 };

export interface SchedulerParts {
  readonly kernel: Kernel;
  readonly client: Client;
  readonly informers: InformerFactory;
  /** The recorder of a profile, by its schedulerName. */
  readonly recorder: (schedulerName: string) => EventSeriesRecorder;
  readonly profiles: readonly Profile[];
  /** Where Pods wait that a Permit plugin holds back. */
  readonly waiting: WaitingPods;
  readonly queue?: QueueSettings | undefined;
  /** Servers that are asked about nodes, too. */
  readonly extenders?: Extenders | undefined;
  /** Told of an attempt that failed for another reason than that the Pod fits nowhere. */
  readonly onError?: ((pod: Pod, message: string) => void) | undefined;
}

interface Failure {
  readonly message: string;
  readonly rejectedBy: ReadonlySet<string>;
}

/** One Pod on its way: its profile and what is seen of the nodes. */
interface Attempt {
  readonly queued: QueuedPod;
  readonly cycle: Cycle;
  readonly profile: Profile;
  readonly placement: Placement;
  readonly rejections: Rejections;
  /** Only while the trace is listened to. */
  readonly record: AttemptRecord | undefined;
}

/** Takes one Pod at a time: filters, scores, assumes and binds. It reads through informers and writes Bindings and Pod conditions. */
export class Scheduler {
  readonly cache = new NodeCache();
  readonly queue: SchedulingQueue;
  readonly #parts: SchedulerParts;
  readonly #profiles: ReadonlyMap<string, { readonly profile: Profile; readonly placement: Placement }>;
  /** Plugins that want to know of every Pod on a node. */
  readonly #observers: readonly Plugin[];
  readonly #nominations = new Nominations();
  readonly #writer: PodWriter;
  readonly #evictions: Evictions;
  readonly #fibers = new Set<Fiber>();
  readonly #bindTools: BindTools;
  #isRunning = false;
  /** Of an attempt that has found its node: the next one uses it. */
  #spareRejections: Rejections | undefined;
  /** An extender is being asked: no other Pod has its turn. */
  #isAsking = false;
  #isStarted = false;
  #isStopped = false;

  constructor(parts: SchedulerParts) {
    this.#parts = parts;
    const { kernel, client, informers, profiles } = parts;
    this.#profiles = new Map(
      profiles.map(
        (profile) => [profile.name, { profile, placement: new Placement(profile, kernel.random, parts.extenders?.choose) }] as const,
      ),
    );
    const observers = new Map(profiles.flatMap(({ plugins }) => plugins.filter(({ podSeen }) => podSeen).map((one) => [one.name, one])));
    this.#observers = [...observers.values()];
    this.queue = new SchedulingQueue(kernel.loop, profiles, parts.queue);
    this.queue.onActive = () => this.#run();
    this.#writer = new PodWriter(parts);
    this.#evictions = new Evictions(this.#writer, this.#nominations);
    this.#bindTools = { kernel, client, bind: (pod, nodeName) => this.#writer.bind(pod, nodeName) };
    const selectors = new DefaultSelectors(informers);
    const namespaceInformer = informers.for(namespaces);
    informers.for(podDisruptionBudgets);
    this.cache.defaultSelector = (pod) => selectors.of(pod);
    this.cache.namespaceLabels = (name) => namespaceInformer.get(name)?.metadata.labels;
    this.cache.storage = new StorageView(informers, (event) => this.queue.happened(event));
    namespaceInformer.onChange((change) => this.#namespaceChanged(change));
    informers.for(nodes).onChange((change) => this.#nodeChanged(change));
    informers.for(pods).onChange((change) => this.#podChanged(change));
  }

  /** Begins to schedule; call it once the informers have synced. */
  start(): void {
    this.#isStarted = true;
    this.#run();
  }

  stop(): void {
    this.#isStopped = true;
    for (const fiber of this.#fibers) fiber.cancel();
    for (const waiting of this.#parts.waiting.values()) waiting.cancel();
  }

  #namespaceChanged({ object, previous }: Change<Namespace>): void {
    if (this.cache.usesNamespaceLabels && previous && !equal(previous.metadata.labels, object.metadata.labels)) this.cache.forgetCounters();
  }

  #nodeChanged({ type, object, previous }: Change<Node>): void {
    if (type === 'DELETED') {
      this.cache.removeNode(object.metadata.name);
      this.queue.happened({ kind: 'Node/Delete', before: object, after: undefined });
      return;
    }
    this.cache.setNode(object);
    if (!previous) this.queue.happened({ kind: 'Node/Add', before: undefined, after: object });
    else for (const event of nodeEvents(previous, object)) this.queue.happened(event);
  }

  #podChanged({ type, object, previous }: Change<Pod>): void {
    const { nodeName } = object.spec;
    const phase = object.status?.phase;
    if (type === 'DELETED' || phase === 'Succeeded' || phase === 'Failed') {
      this.#podGone(object);
      return;
    }
    if (!nodeName) {
      if (!this.queue.isResponsibleFor(object)) return;
      this.#nominations.follow(object);
      this.queue.add(object);
      return;
    }
    const isNew = previous?.spec.nodeName === undefined;
    if (isNew) {
      this.queue.delete(object.metadata.uid);
      this.#nominations.remove(object.metadata.uid);
      for (const plugin of this.#observers) plugin.podSeen!(object, this.cache);
    }
    this.cache.place(object, nodeName);
    if (isNew) this.queue.happened({ kind: 'AssignedPod/Add', before: undefined, after: object });
    else if (previous.spec !== object.spec || previous.metadata.labels !== object.metadata.labels)
      for (const event of podEvents(previous, object)) this.queue.happened(event);
  }

  #podGone(pod: Pod): void {
    this.queue.delete(pod.metadata.uid);
    this.#nominations.remove(pod.metadata.uid);
    this.cache.remove(pod);
    // A Pod that was only nominated to a node leaves room there, too.
    const waiting = this.#parts.waiting.get(pod.metadata.uid);
    waiting?.reject('', 'removed');
    if (waiting || pod.spec.nodeName || pod.status?.nominatedNodeName) this.#madeRoom(pod);
  }

  #madeRoom(pod: Pod): void {
    this.queue.happened({ kind: 'AssignedPod/Delete', before: pod, after: undefined }, pod);
  }

  #run(): void {
    if (this.#isRunning || this.#isAsking || !this.#isStarted || this.#isStopped) return;
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
      if (this.#isAsking) return;
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
      this.#writer.failedScheduling(pod, `skip schedule deleting pod: ${pod.metadata.namespace}/${pod.metadata.name}`);
      this.queue.delete(queued.uid);
      return;
    }
    const { profile, placement } = this.#profiles.get(pod.spec.schedulerName ?? 'default-scheduler')!;
    const cycle: Cycle = { pod, podClass: this.cache.classOf(pod), cache: this.cache };
    const record = this.#parts.kernel.trace.isOn ? new AttemptRecord(profile, cycle, queued.attempts) : undefined;
    const attempt: Attempt = { queued, cycle, profile, placement, rejections: this.#newRejections(), record };
    if (this.cache.nodes.length === 0) {
      // Differs from Kubernetes: it is tried again when a node comes, where upstream tries in vain every ten seconds.
      return yield* this.#report(attempt, { message: 'no nodes available to schedule pods', rejectedBy: new Set(['NodeName']) });
    }
    let outcome: number | Failure;
    try {
      outcome = this.#extenders ? yield* this.#ask(attempt, this.#extenders) : this.#choose(attempt);
    } catch (error) {
      if (error instanceof PluginFailure || error instanceof ExtenderError) return yield* this.#failed(attempt, error.message);
      throw error;
    }
    if (typeof outcome === 'number') return yield* this.#commit(attempt, outcome);
    yield* this.#postFilter(attempt, outcome);
  }

  #newRejections(): Rejections {
    const rejections = this.#spareRejections ?? new Rejections();
    this.#spareRejections = undefined;
    rejections.reset(this.cache.nodes.length);
    return rejections;
  }

  /** Something went wrong that says nothing about the Pod (handleSchedulingFailure with an error). */
  *#failed({ queued }: Attempt, message: string): Call<void> {
    this.#parts.onError?.(queued.pod, message);
    this.#writer.failedScheduling(queued.pod, message);
    this.queue.failed(queued);
    yield* this.#writer.unscheduled(queued.pod, { reason: 'SchedulerError', message });
  }

  get #extenders(): Extenders | undefined {
    const { extenders } = this.#parts;
    return extenders?.isEmpty === false ? extenders : undefined;
  }

  /** As `#choose`, with extenders: they are asked about the nodes that the plugins leave, and about their scores. */
  *#ask(attempt: Attempt, extenders: Extenders): Call<number | Failure> {
    const { cycle, placement, rejections, record } = attempt;
    const found = this.#find(attempt);
    if (typeof found !== 'boolean') return found;
    const { indices, count } = placement.feasible;
    const nodes = Array.from(indices.subarray(0, count), (node) => this.cache.nodes[node]!);
    this.#isAsking = true;
    try {
      const { passed, failed } = yield* extenders.filter(cycle.pod, nodes);
      for (const { name } of nodes) {
        const why = failed.get(name);
        const index = this.cache.info(name)?.index;
        if (why && index !== undefined)
          rejections.add(index, { plugin: extenderName, reasons: [why.reason], isUnresolvable: why.isUnresolvable });
      }
      const scores = passed.length > 1 ? yield* extenders.scores(cycle.pod, passed) : undefined;
      // Nodes may have come and gone meanwhile.
      const left = passed.flatMap(({ name }) => this.cache.info(name)?.index ?? []);
      if (left.length === 0) {
        const total = this.cache.nodes.length;
        return { message: explain(total, rejections), rejectedBy: rejections.plugins().add(extenderName) };
      }
      placement.narrow(left);
      record?.passed(placement.feasible);
      return placement.best(cycle, record?.score, scores && ((node) => scores.get(this.cache.nodes[node]!.name) ?? 0));
    } finally {
      this.#isAsking = false;
      this.#run();
    }
  }

  /** The node to go to, or the sentence that says why there is none. */
  #choose(attempt: Attempt): number | Failure {
    const { cycle, placement, record } = attempt;
    const found = this.#find(attempt);
    if (typeof found !== 'boolean') return found;
    record?.passed(placement.feasible);
    return placement.best(cycle, record?.score);
  }

  /** True when the placement has nodes to choose from; else the node that was nominated, or why there is none. */
  #find({ cycle, placement, rejections }: Attempt): true | number | Failure {
    const plan = placement.plan(cycle);
    if (plan.rejection) return this.#rejectAll(plan.rejection, rejections);
    const withGuests = this.#nominations.checkWith(cycle, () => placement.checker(cycle).check);
    const nominated = this.#nominatedNode(cycle, plan, withGuests);
    if (nominated !== undefined) return nominated;
    const { plans: filters, nodes: names } = plan;
    const plans = withGuests ? [...filters, { filter: withGuests }] : filters;
    const found = names ? placement.findAmong(cycle, plans, names, rejections) : placement.findFeasible(cycle, plans, rejections);
    return found === 0 ? this.#unfit(plan, rejections) : true;
  }

  /** The node that was made room on, if it will do now. */
  #nominatedNode({ pod }: Cycle, { plans }: Plan, withGuests: NodeFilter | undefined): number | undefined {
    const nominated = pod.status?.nominatedNodeName;
    const info = nominated ? this.cache.info(nominated) : undefined;
    if (!info || withGuests?.(info.index)) return undefined;
    return plans.every(({ filter }) => !filter!(info.index)) ? info.index : undefined;
  }

  #rejectAll(rejection: Rejection, rejections: Rejections): Failure {
    const total = this.cache.nodes.length;
    for (let node = 0; node < total; node++) rejections.add(node, rejection);
    const message = `0/${total} nodes are available: ${rejection.reasons.join(', ')}.`;
    return { message, rejectedBy: new Set([rejection.plugin]) };
  }

  #unfit({ nodes: names, narrowedBy }: Plan, rejections: Rejections): Failure {
    const total = this.cache.nodes.length;
    const rejectedBy = rejections.plugins();
    if (!names) return { message: explain(total, rejections), rejectedBy };
    for (const plugin of narrowedBy) rejectedBy.add(plugin);
    const absent = `node(s) didn't satisfy plugin(s) [${narrowedBy.join(' ')}]`;
    return { message: explain(total, rejections, { absent, absentCount: total - rejections.size }), rejectedBy };
  }

  *#commit(attempt: Attempt, node: number): Call<void> {
    const { queued, cycle, profile, rejections, record } = attempt;
    const { pod } = cycle;
    const nodeName = this.cache.nodes[node]!.name;
    record?.emit(this.#parts.kernel.trace, rejections, { chosen: nodeName });
    const permit = this.#reserve(attempt, node);
    if (permit && !(permit instanceof WaitingPod)) return yield* this.#turnAway(attempt, nodeName, permit);
    this.#spareRejections = rejections;
    for (const plugin of this.#observers) plugin.podSeen!(pod, this.cache);
    this.cache.place(pod, nodeName);
    if (permit && (yield* this.#isTurnedAwayWaiting(attempt, permit))) return;
    this.queue.done(queued);
    try {
      for (const plugin of profile.preBinds) if (plugin.preBind) yield* plugin.preBind(cycle, nodeName, this.#bindTools);
      const isBound = this.#extenders ? yield* this.#extenders.bind(pod, nodeName) : false;
      for (const plugin of isBound ? [] : profile.binds) if (plugin.bind && (yield* plugin.bind(cycle, nodeName, this.#bindTools))) break;
    } catch (error) {
      if (!(error instanceof StatusError) && !(error instanceof ExtenderError) && !isErrno(error)) throw error;
      this.cache.forget(pod);
      this.#unreserve(attempt, nodeName);
      return yield* this.#bindingFailed(attempt, error);
    }
    this.#writer.scheduled(pod, nodeName);
    for (const plugin of profile.postBinds) plugin.postBind?.(cycle, nodeName);
  }

  /** Reserve and Permit: who has something against it, or that it must wait. */
  #reserve(attempt: Attempt, node: number): Rejection | WaitingPod | undefined {
    const { cycle, profile } = attempt;
    const nodeName = this.cache.nodes[node]!.name;
    let waits: Map<string, number> | undefined;
    let veto: Rejection | undefined;
    for (const plugin of profile.reserves) if ((veto = plugin.reserve?.(cycle, node))) break;
    for (const plugin of veto ? [] : profile.permits) {
      const answer = plugin.permit?.(cycle, node);
      if (answer && 'waitMs' in answer) (waits ??= new Map()).set(plugin.name, answer.waitMs);
      else if ((veto = answer)) break;
    }
    if (veto) this.#unreserve(attempt, nodeName);
    return veto ?? (waits && new WaitingPod(this.#parts.kernel, { pod: cycle.pod, nodeName, waits }));
  }

  #unreserve({ cycle, profile }: Attempt, nodeName: string): void {
    for (const plugin of profile.reserves) plugin.unreserve?.(cycle, nodeName);
  }

  /** Said of the one node that it was to go to; a nomination is over with that. */
  *#turnAway(attempt: Attempt, nodeName: string, why: Rejection): Call<void> {
    const rejections = new Rejections();
    const node = this.cache.info(nodeName);
    if (node) rejections.add(node.index, why);
    const rejectedBy = new Set(why.plugin === '' ? [] : [why.plugin]);
    yield* this.#report({ ...attempt, rejections }, { message: explain(1, [why]), rejectedBy }, '');
  }

  /** Waits for the permission of plugins (WaitOnPermit). Meanwhile other Pods are scheduled, and this one counts on its node. */
  *#isTurnedAwayWaiting(attempt: Attempt, permit: WaitingPod): Call<boolean> {
    const { pod } = attempt.cycle;
    const { waiting } = this.#parts;
    waiting.add(permit);
    const why = yield* permit.decision();
    waiting.delete(pod.metadata.uid);
    if (!why) return false;
    this.cache.forget(pod);
    this.#unreserve(attempt, permit.nodeName);
    yield* this.#turnAway(attempt, permit.nodeName, why);
    // Only now, lest the Pod itself is woken by the room that it has left.
    this.#madeRoom(pod);
    return true;
  }

  *#bindingFailed({ queued, cycle }: Attempt, error: Error): Call<void> {
    if (isNotFound(error)) {
      this.queue.delete(queued.uid);
      return;
    }
    const message = `binding rejected: running Bind plugin "DefaultBinder": ${error.message}`;
    this.#writer.failedScheduling(queued.pod, message);
    this.queue.failed(queued);
    this.#madeRoom(cycle.pod);
    yield* this.#writer.unscheduled(queued.pod, { reason: 'SchedulerError', message });
  }

  *#postFilter(attempt: Attempt, failure: Failure): Call<void> {
    const { cycle, profile, rejections, placement, record } = attempt;
    const messages: string[] = [];
    let nominatedNode: string | undefined;
    let isSuccess = false;
    const tools = this.#postFilterTools(cycle, placement, record);
    for (const plugin of profile.postFilters) {
      const result = yield* plugin.postFilter!(cycle, rejections, tools);
      if (!result) continue;
      if (result.isError) messages.length = 0;
      nominatedNode = result.nominatedNode ?? nominatedNode;
      isSuccess = result.isSuccess;
      if (isSuccess) break;
      messages.push(result.message);
      if (result.isError) break;
    }
    if (nominatedNode) this.#nominations.add(cycle.pod, nominatedNode);
    const message = isSuccess || messages.length === 0 ? failure.message : `${failure.message} ${messages.join(', ')}`;
    yield* this.#report(attempt, { message, rejectedBy: failure.rejectedBy }, nominatedNode);
  }

  #postFilterTools(cycle: Cycle, placement: Placement, record: AttemptRecord | undefined): PostFilterTools {
    const budgets = this.#parts.informers.for(podDisruptionBudgets);
    let checker: NodeCheck | undefined;
    let epoch = -1;
    // A plan looks at the nodes that were there when it was made.
    const current = (): NodeCheck => {
      if (checker && epoch === this.cache.labelEpoch) return checker;
      epoch = this.cache.labelEpoch;
      return (checker = placement.checker(cycle));
    };
    return {
      kernel: this.#parts.kernel,
      client: this.#parts.client,
      filterNode: (_, node) => current().check(node),
      versionOf: (_, node) => (current().isLocal && budgets.size === 0 ? this.cache.versions[node] : undefined),
      violatesBudget: (victims) => violations(victims, [...budgets.values()]),
      isPreempting: (uid) => this.#evictions.isPreempting(uid),
      askExtenders: (pod, nodes) => this.#askAboutVictims(pod, nodes),
      evict: (preemptor, nodeName, victims) => {
        if (record) record.victims = victims.map(victimName);
        this.#spawn(this.#evictions.evict(preemptor, nodeName, victims, () => this.queue.activate(preemptor.metadata.uid)));
      },
    };
  }

  *#askAboutVictims(pod: Pod, nodes: readonly NodeVictims[]): Call<readonly NodeVictims[] | string | undefined> {
    const extenders = this.#extenders;
    if (!extenders?.preempts(pod)) return undefined;
    this.#isAsking = true;
    try {
      return yield* extenders.preempt(pod, nodes, this.cache);
    } catch (error) {
      if (error instanceof ExtenderError) return error.message;
      throw error;
    } finally {
      this.#isAsking = false;
      this.#run();
    }
  }

  /** The Pod stays where it is: an Event and a condition say why. */
  *#report({ queued, rejections, record }: Attempt, { message, rejectedBy }: Failure, nominatedNode?: string): Call<void> {
    const { pod } = queued;
    record?.emit(this.#parts.kernel.trace, rejections, { message, nominated: nominatedNode || undefined });
    // In the queue first: what the API server sends back about the Pod must find it there.
    this.queue.unschedulable(queued, rejectedBy);
    this.#writer.failedScheduling(pod, message);
    yield* this.#writer.unscheduled(pod, { reason: 'Unschedulable', message }, nominatedNode);
  }
}
