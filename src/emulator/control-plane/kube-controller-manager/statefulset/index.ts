/**
 * StatefulSet: Pods with names that stay (pkg/controller/statefulset).
 *
 * - Pods are made in the order of their ordinals, each when those before it are ready, and removed in reverse;
 *   podManagementPolicy Parallel does not wait.
 * - Templates are kept as ControllerRevisions; a rolling update replaces one Pod after the other from the highest ordinal down
 *   to the partition.
 * - A Pod's name is its lock: one that exists already is not made twice, so nothing needs to be expected.
 * - Claims made from volumeClaimTemplates outlive the Pods, unless persistentVolumeClaimRetentionPolicy says otherwise.
 *
 * Deliberately absent: maxUnavailable, which is behind a feature gate that is off in v1.34.
 */
import { controllerRevisions } from '../../../api/apps/controller-revision.ts';
import { statefulSets } from '../../../api/apps/stateful-set.ts';
import { persistentVolumeClaims } from '../../../api/core/persistent-volume-claim.ts';
import { pods } from '../../../api/core/pod.ts';
import type { ControllerRevision, Pod, StatefulSet } from '../../../api/generated/types.ts';
import type { Change, Client, EventRecorder, Index, Informer, Workqueue } from '../../../client/index.ts';
import { retryOnConflict } from '../../../client/index.ts';
import type { Call, Kernel } from '../../../kernel/index.ts';
import { semanticEqual } from '../../../machinery/equality.ts';
import { selectorFromObject } from '../../../machinery/labels.ts';
import { isAlreadyExists, isNotFound } from '../../../machinery/status-error.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import type { History } from '../controller-history.ts';
import { currentRevision, deleteRevisions } from '../controller-history.ts';
import { byController, claim, controllerOf, orphansByNamespace } from '../controller-ref.ts';
import { slowStart } from '../pod-control.ts';
import { isPodReady, msUntilAvailable } from '../pod-state.ts';
import { Claims } from './claims.ts';
import { newPod, ordinalOf, podName, revisionOf, withIdentity } from './identity.ts';
import type { Observed } from './plan.ts';
import { planStatefulSet, revisionFor, statusOf } from './plan.ts';

/** When to look again at a claim that goes with a Pod that is gone. */
const staleClaimMs = 1_000;

export const statefulSetController: Controller = {
  name: 'statefulset-controller',
  start: (context) => {
    new StatefulSetController(context);
  },
};

/** Whether two states of a Pod are the same to a StatefulSet. */
function countsAlike(a: Pod, b: Pod): boolean {
  return (
    isPodReady(a) === isPodReady(b) &&
    a.status?.phase === b.status?.phase &&
    a.metadata.labels === b.metadata.labels &&
    a.metadata.deletionTimestamp === b.metadata.deletionTimestamp &&
    a.metadata.ownerReferences === b.metadata.ownerReferences
  );
}

class StatefulSetController {
  readonly #kernel: Kernel;
  readonly #client: Client;
  readonly #recorder: EventRecorder;
  readonly #history: History<StatefulSet>;
  readonly #claims: Claims;
  readonly #sets: Informer<StatefulSet>;
  readonly #owned: Index<Pod>;
  readonly #orphans: Index<Pod>;
  readonly #revisions: Index<ControllerRevision>;
  readonly #queue: Workqueue<string>;

  constructor(context: ControllerContext) {
    this.#kernel = context.kernel;
    this.#client = context.client('statefulset-controller');
    this.#recorder = context.recorder(this.#client, 'statefulset-controller');
    this.#history = { client: this.#client, kind: statefulSets, hashLabel: 'controller.kubernetes.io/hash' };
    this.#sets = context.informers.for(statefulSets);
    this.#claims = new Claims(this.#client, this.#recorder, context.informers.for(persistentVolumeClaims));
    const podInformer = context.informers.for(pods);
    this.#owned = podInformer.index(byController);
    this.#orphans = podInformer.index(orphansByNamespace);
    this.#revisions = context.informers.for(controllerRevisions).index(byController);
    this.#queue = context.queue({ name: 'statefulset', reconcile: (uid: string) => this.#reconcile(uid) });
    this.#sets.onChange(({ type, object }) => {
      if (type !== 'DELETED') this.#queue.add(object.metadata.uid);
    });
    podInformer.onChange((change) => this.#podChanged(change));
  }

  #podChanged({ type, object, previous }: Change<Pod>): void {
    const owner = controllerOf(object);
    if (!owner) {
      if (type !== 'DELETED' && this.#sets.size > 0) this.#orphanChanged(object, previous);
      return;
    }
    if (owner.kind !== 'StatefulSet' || (type === 'MODIFIED' && countsAlike(object, previous!))) return;
    this.#queue.add(owner.uid);
  }

  #orphanChanged(pod: Pod, previous: Pod | undefined): void {
    if (previous && previous.metadata.labels === pod.metadata.labels && !controllerOf(previous)) return;
    for (const set of this.#sets.values()) if (mayBelong(set, pod)) this.#queue.add(set.metadata.uid);
  }

  *#reconcile(uid: string): Call<void> {
    const set = this.#sets.byUID(uid);
    if (!set) return;
    const known = [...this.#revisions.get(uid).values()];
    const update = yield* currentRevision(this.#history, set, known);
    const current = known.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? update;
    const observed = yield* this.#observe(set, current, update);
    const { removed, failure } = yield* this.#carryOut(observed);
    yield* this.#updateStatus(observed, removed);
    yield* deleteRevisions(this.#client, surplusRevisions(observed, known));
    if (failure) throw failure;
    this.#returnWhenAvailable(observed);
  }

  *#observe(set: StatefulSet, current: ControllerRevision, update: ControllerRevision): Call<Observed> {
    const { uid, namespace } = set.metadata;
    const mine = yield* claim({
      client: this.#client,
      owner: set,
      ownerKind: statefulSets,
      kind: pods,
      matches: selectorFromObject(set.spec.selector).matches,
      owned: this.#owned.get(uid).values(),
      orphans: [...this.#orphans.get(namespace!).values()].filter((pod) => mayBelong(set, pod)),
    });
    return { set, pods: mine, current, update, isAvailable: (pod) => this.#msUntilAvailable(set, pod) === 0 };
  }

  #msUntilAvailable(set: StatefulSet, pod: Pod): number | undefined {
    return msUntilAvailable(pod, set.spec.minReadySeconds ?? 0, this.#kernel.clock, this.#kernel.loop.now);
  }

  *#carryOut(observed: Observed): Call<{ readonly removed: number; readonly failure: Error | undefined }> {
    const { set } = observed;
    const plan = planStatefulSet(observed);
    let next = 0;
    const create = this.#createPod.bind(this);
    const { error } = yield* slowStart(plan.create.length, function* () {
      yield* create(observed, plan.create[next++]!);
    });
    let removed = 0;
    if (error) return { removed, failure: error };
    try {
      for (const pod of plan.pending) yield* this.#claims.createMissing(set, ordinalOf(set, pod)!);
      for (const pod of plan.repair)
        yield* this.#recorded(set, 'Update', pod.metadata.name, this.#client.update(pods, withIdentity(set, pod)));
      for (const pod of plan.settled) yield* this.#claims.own(set, pod, ordinalOf(set, pod)!);
      for (const pod of plan.remove) {
        if (!plan.isUpdate) yield* this.#claims.own(set, pod, ordinalOf(set, pod)!);
        yield* this.#recorded(set, 'Delete', pod.metadata.name, this.#client.delete(pods, pod.metadata));
        if (plan.isUpdate && revisionOf(pod) === observed.current.metadata.name) removed++;
      }
    } catch (reason) {
      if (!isNotFound(reason)) return { removed, failure: reason as Error };
    }
    return { removed, failure: undefined };
  }

  *#createPod(observed: Observed, ordinal: number): Call<void> {
    const { set } = observed;
    if (this.#claims.isStale(set, ordinal)) {
      this.#queue.addAfter(set.metadata.uid, staleClaimMs);
      return;
    }
    const draft = newPod(set, revisionFor(observed, ordinal), ordinal);
    const [claims, client] = [this.#claims, this.#client];
    const create = function* (): Call<void> {
      yield* claims.createMissing(set, ordinal);
      yield* claims.own(set, yield* client.create(pods, draft), ordinal);
    };
    yield* this.#recorded(set, 'Create', podName(set, ordinal), create());
  }

  /** Makes a request for a Pod and says on the set how it went (recordPodEvent). */
  *#recorded(set: StatefulSet, verb: 'Create' | 'Update' | 'Delete', name: string, request: Call<unknown>): Call<void> {
    const what = `${verb.toLowerCase()} Pod ${name} in StatefulSet ${set.metadata.name}`;
    try {
      yield* request;
    } catch (error) {
      if (!isAlreadyExists(error)) this.#recorder.warning(set, `Failed${verb}`, `${what} failed error: ${(error as Error).message}`);
      throw error;
    }
    this.#recorder.normal(set, `Successful${verb}`, `${what} successful`);
  }

  *#updateStatus(observed: Observed, removed: number): Call<void> {
    const { set } = observed;
    const status = statusOf(observed, set.status?.collisionCount ?? 0, removed);
    if (semanticEqual(set.status, status)) return;
    const client = this.#client;
    let isFirst = true;
    yield* retryOnConflict(function* () {
      const stored = isFirst ? set : yield* client.get(statefulSets, set.metadata);
      isFirst = false;
      yield* client.updateStatus(statefulSets, { ...stored, status });
    });
  }

  /** Looks again when the next ready Pod will have been ready for minReadySeconds. */
  #returnWhenAvailable({ set, pods: mine }: Observed): void {
    if (!set.spec.minReadySeconds) return;
    for (const pod of mine) {
      const ms = this.#msUntilAvailable(set, pod);
      if (ms) this.#queue.addAfter(set.metadata.uid, ms);
    }
  }
}

/** Whether a Pod without an owner is by name and labels one of the set's. */
function mayBelong(set: StatefulSet, pod: Pod): boolean {
  return (
    set.metadata.namespace === pod.metadata.namespace &&
    ordinalOf(set, pod) !== undefined &&
    selectorFromObject(set.spec.selector).matches(pod.metadata.labels)
  );
}

/** Revisions that nothing uses, beyond revisionHistoryLimit, the oldest first (truncateHistory). */
function surplusRevisions({ set, pods: mine, current, update }: Observed, known: readonly ControllerRevision[]): ControllerRevision[] {
  const live = new Set([current.metadata.name, update.metadata.name, ...mine.map(revisionOf)]);
  const idle = known.filter(({ metadata }) => !live.has(metadata.name)).sort((a, b) => a.revision - b.revision);
  const limit = set.spec.revisionHistoryLimit ?? 10;
  return limit < 0 ? [] : idle.slice(0, Math.max(0, idle.length - limit));
}
