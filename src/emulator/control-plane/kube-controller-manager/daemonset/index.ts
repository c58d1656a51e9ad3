/**
 * DaemonSet: one Pod on every node that suits (pkg/controller/daemon).
 *
 * - Each Pod carries a node affinity to its node and is placed by the scheduler; it tolerates the taints of sick nodes.
 * - Templates are kept as ControllerRevisions; a Pod's label `controller-revision-hash` says which one it is of.
 * - A rolling update replaces Pods node by node within maxUnavailable, or side by side within maxSurge.
 */
import { controllerRevisions } from '../../../api/apps/controller-revision.ts';
import { daemonSets } from '../../../api/apps/daemon-set.ts';
import { nodes } from '../../../api/core/node.ts';
import { pods } from '../../../api/core/pod.ts';
import type { ControllerRevision, DaemonSet, DaemonSetStatus, Node, Pod } from '../../../api/generated/types.ts';
import type { Change, Client, EventRecorder, Index, Informer, Workqueue } from '../../../client/index.ts';
import { retryOnConflict } from '../../../client/index.ts';
import type { Call, Kernel } from '../../../kernel/index.ts';
import { semanticEqual } from '../../../machinery/equality.ts';
import { selectorFromObject } from '../../../machinery/labels.ts';
import { isNotFound } from '../../../machinery/status-error.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { byController, claim, controllerOf, newControllerRef, orphansByNamespace } from '../controller-ref.ts';
import { currentRevision, deleteRevisions, revisionLabel } from '../controller-history.ts';
import { Expectations } from '../expectations.ts';
import { isNamespaceTerminating, PodControl, podFromTemplate, slowStart } from '../pod-control.ts';
import { isPodReady, msUntilAvailable } from '../pod-state.ts';
import { surplusRevisions } from './history.ts';
import { nodeOf, suits, templateFor } from './placement.ts';
import type { Observed } from './plan.ts';
import { countPods, planPods, planUpdate } from './plan.ts';

const burstReplicas = 250;
const templateGeneration = 'deprecated.daemonset.template.generation';

export const daemonSetController: Controller = {
  name: 'daemonset-controller',
  start: (context) => {
    new DaemonSetController(context);
  },
};

/** Whether two states of a Pod are the same to a DaemonSet. */
function countsAlike(a: Pod, b: Pod): boolean {
  return (
    isPodReady(a) === isPodReady(b) &&
    a.status?.phase === b.status?.phase &&
    a.spec.nodeName === b.spec.nodeName &&
    a.metadata.labels === b.metadata.labels &&
    a.metadata.deletionTimestamp === b.metadata.deletionTimestamp &&
    a.metadata.ownerReferences === b.metadata.ownerReferences
  );
}

class DaemonSetController {
  readonly #kernel: Kernel;
  readonly #client: Client;
  readonly #recorder: EventRecorder;
  readonly #podControl: PodControl;
  readonly #sets: Informer<DaemonSet>;
  readonly #nodes: Informer<Node>;
  readonly #owned: Index<Pod>;
  readonly #orphans: Index<Pod>;
  readonly #revisions: Index<ControllerRevision>;
  readonly #queue: Workqueue<string>;
  readonly #expectations = new Map<string, Expectations>();

  constructor(context: ControllerContext) {
    this.#kernel = context.kernel;
    this.#client = context.client('daemon-set-controller');
    this.#recorder = context.recorder(this.#client, 'daemonset-controller');
    this.#podControl = new PodControl(this.#client, this.#recorder);
    this.#sets = context.informers.for(daemonSets);
    this.#nodes = context.informers.for(nodes);
    const podInformer = context.informers.for(pods);
    this.#owned = podInformer.index(byController);
    this.#orphans = podInformer.index(orphansByNamespace);
    this.#revisions = context.informers.for(controllerRevisions).index(byController);
    this.#queue = context.queue({ name: 'daemonset', workers: 2, reconcile: (uid: string) => this.#reconcile(uid) });
    this.#sets.onChange(({ type, object }) => {
      if (type === 'DELETED') this.#expectations.delete(object.metadata.uid);
      else this.#queue.add(object.metadata.uid);
    });
    this.#nodes.onChange((change) => this.#nodeChanged(change));
    podInformer.onChange((change) => this.#podChanged(change));
  }

  /** Only what decides where Pods run matters; heartbeats do not. */
  #nodeChanged({ type, object, previous }: Change<Node>): void {
    if (type === 'MODIFIED' && previous!.metadata.labels === object.metadata.labels && previous!.spec === object.spec) return;
    for (const ds of this.#sets.values()) {
      const isAlike = type === 'MODIFIED' && semanticEqual(suits(ds, previous!), suits(ds, object));
      if (!isAlike) this.#queue.add(ds.metadata.uid);
    }
  }

  #podChanged({ type, object, previous }: Change<Pod>): void {
    const owner = controllerOf(object);
    if (!owner) {
      if (type === 'DELETED' || (previous && previous.metadata.labels === object.metadata.labels && !controllerOf(previous))) return;
      for (const ds of this.#sets.values()) {
        if (ds.metadata.namespace === object.metadata.namespace && selectorFromObject(ds.spec.selector).matches(object.metadata.labels))
          this.#queue.add(ds.metadata.uid);
      }
      return;
    }
    if (owner.kind !== 'DaemonSet' || (type === 'MODIFIED' && countsAlike(object, previous!))) return;
    const expectations = this.#expectationsOf(owner.uid);
    if (type === 'ADDED') expectations.creationSeen();
    if (type === 'DELETED' || object.metadata.deletionTimestamp) expectations.deletionSeen(object.metadata.uid);
    this.#queue.add(owner.uid);
  }

  #expectationsOf(uid: string): Expectations {
    let expectations = this.#expectations.get(uid);
    if (!expectations) this.#expectations.set(uid, (expectations = new Expectations()));
    return expectations;
  }

  *#reconcile(uid: string): Call<void> {
    const ds = this.#sets.byUID(uid);
    if (!ds || ds.metadata.deletionTimestamp) return;
    const known = [...this.#revisions.get(uid).values()];
    const revision = yield* currentRevision({ client: this.#client, kind: daemonSets, hashLabel: revisionLabel }, ds, known);
    const hash = revision.metadata.labels![revisionLabel]!;
    const expectations = this.#expectationsOf(uid);
    let failure: Error | undefined;
    if (expectations.isFulfilled(this.#kernel.loop.now)) {
      const observed = yield* this.#observe(ds, hash);
      const plan = planPods(ds, observed);
      failure = yield* this.#carryOut(ds, hash, plan.create, [...plan.failed, ...plan.remove], plan.failed);
      if (!failure && expectations.isFulfilled(this.#kernel.loop.now) && ds.spec.updateStrategy?.type !== 'OnDelete') {
        const step = planUpdate(ds, observed);
        failure = yield* this.#carryOut(ds, hash, step.create, step.remove, []);
      }
    }
    yield* deleteRevisions(this.#client, surplusRevisions(ds, known, revision, this.#owned.get(uid).values()));
    yield* this.#updateStatus(ds, hash);
    if (failure) throw failure;
  }

  *#observe(ds: DaemonSet, hash: string): Call<Observed> {
    const { uid, namespace } = ds.metadata;
    const { matches } = selectorFromObject(ds.spec.selector);
    const orphans = this.#orphans.get(namespace!).values();
    const mine = yield* claim({
      client: this.#client,
      owner: ds,
      ownerKind: daemonSets,
      kind: pods,
      matches,
      owned: this.#owned.get(uid).values(),
      orphans,
    });
    return this.#sorted(ds, hash, mine);
  }

  #sorted(ds: DaemonSet, hash: string, mine: Iterable<Pod>): Observed {
    const podsByNode = new Map<string, Pod[]>();
    for (const pod of mine) {
      const name = nodeOf(pod) ?? '';
      const here = podsByNode.get(name);
      if (here) here.push(pod);
      else podsByNode.set(name, [pod]);
    }
    const { clock, loop } = this.#kernel;
    const minReadySeconds = ds.spec.minReadySeconds ?? 0;
    return {
      nodes: [...this.#nodes.values()],
      podsByNode,
      isAvailable: (pod) => (minReadySeconds === 0 ? isPodReady(pod) : msUntilAvailable(pod, minReadySeconds, clock, loop.now) === 0),
      isCurrent: (pod) => pod.metadata.labels?.[revisionLabel] === hash,
    };
  }

  *#carryOut(
    ds: DaemonSet,
    hash: string,
    create: readonly string[],
    remove: readonly Pod[],
    failed: readonly Pod[],
  ): Call<Error | undefined> {
    const expectations = this.#expectationsOf(ds.metadata.uid);
    if (create.length + remove.length === 0) return undefined;
    expectations.begin(this.#kernel.loop.now);
    const wanted = create.slice(0, burstReplicas);
    expectations.expectCreations(wanted.length);
    const reference = [newControllerRef(ds, daemonSets)];
    const generation = ds.metadata.annotations?.[templateGeneration];
    const labels = { [revisionLabel]: hash, ...(generation === undefined ? {} : { 'pod-template-generation': generation }) };
    let next = 0;
    const podControl = this.#podControl;
    const { succeeded, error } = yield* slowStart(wanted.length, function* () {
      const template = templateFor(ds, wanted[next++]!, labels);
      try {
        yield* podControl.create(ds, podFromTemplate(ds, template, reference));
      } catch (failure) {
        if (!isNamespaceTerminating(failure)) throw failure;
        expectations.creationSeen();
      }
    });
    for (let i = succeeded; error && i < wanted.length; i++) expectations.creationSeen();
    let failure = error;
    for (const pod of remove.slice(0, burstReplicas)) {
      if (failed.includes(pod)) {
        const { namespace, name } = pod.metadata;
        this.#recorder.warning(
          ds,
          'FailedDaemonPod',
          `Found failed daemon pod ${namespace}/${name} on node ${nodeOf(pod)}, will try to kill it`,
        );
      }
      expectations.expectDeletion(pod.metadata.uid);
      try {
        yield* this.#podControl.delete(ds, pod);
      } catch (reason) {
        expectations.deletionSeen(pod.metadata.uid);
        if (!isNotFound(reason)) failure ??= reason as Error;
      }
    }
    return failure;
  }

  *#updateStatus(ds: DaemonSet, hash: string): Call<void> {
    const counts = countPods(ds, this.#sorted(ds, hash, this.#owned.get(ds.metadata.uid).values()));
    const status: DaemonSetStatus = {
      ...ds.status,
      desiredNumberScheduled: counts.desired,
      currentNumberScheduled: counts.current,
      numberMisscheduled: counts.misscheduled,
      numberReady: counts.ready,
      updatedNumberScheduled: counts.updated || undefined,
      numberAvailable: counts.available || undefined,
      numberUnavailable: counts.desired - counts.available || undefined,
      observedGeneration: ds.metadata.generation,
    };
    if (!semanticEqual(ds.status, status)) {
      const client = this.#client;
      let isFirst = true;
      yield* retryOnConflict(function* () {
        const stored = isFirst ? ds : yield* client.get(daemonSets, ds.metadata);
        isFirst = false;
        yield* client.updateStatus(daemonSets, { ...stored, status });
      });
    }
    if (ds.spec.minReadySeconds && counts.ready !== counts.available) this.#queue.addAfter(ds.metadata.uid, ds.spec.minReadySeconds * 1000);
  }
}
