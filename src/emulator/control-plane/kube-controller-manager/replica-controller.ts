/**
 * T and ReplicationController: creates or deletes Pods until as many exist as asked (pkg/controller/replicaset/replica_set.go).
 *
 * - What it has asked for and not yet seen is expected; while anything is expected it asks for nothing more.
 * - Creations begin slowly (1, 2, 4, …, at most 500 a reconcile), so that a refusal costs one request.
 * - It adopts Pods without a controller that its selector matches, and lets go of those that it no longer matches.
 *
 * Deliberately absent: status.terminatingReplicas, which is behind a feature gate that is off in v1.34.
 */
import { pods } from '../../api/core/pod.ts';
import type { Pod, PodTemplateSpec, ReplicaSetCondition, ReplicaSetStatus } from '../../api/generated/types.ts';
import type { Kind } from '../../api/kind.ts';
import type { Change, Client, Index, Informer, Workqueue } from '../../client/index.ts';
import { retryOnConflict } from '../../client/index.ts';
import type { Call, Kernel } from '../../kernel/index.ts';
import { semanticEqual } from '../../machinery/equality.ts';
import type { ApiObject, Labels, OwnerReference } from '../../machinery/objects.ts';
import { isNotFound } from '../../machinery/status-error.ts';
import type { ControllerContext } from './controller.ts';
import { byController, claim, controllerOf, newControllerRef, orphansByNamespace } from './controller-ref.ts';
import { isNamespaceTerminating, PodControl, podFromTemplate, slowStart } from './pod-control.ts';
import { isPodActive, isPodReady, msUntilAvailable } from './pod-state.ts';
import { podsToDelete } from './replica-ranking.ts';
import { ReplicaTally } from './replica-tally.ts';

const burstReplicas = 500;

/** What both kinds have. */
export interface Replicated extends ApiObject {
  readonly spec: {
    readonly minReadySeconds?: number | undefined;
    readonly replicas?: number | undefined;
    readonly selector?: object | undefined;
    readonly template?: PodTemplateSpec | undefined;
  };
  readonly status?: ReplicaSetStatus | undefined;
}

/** In what the controllers of the two kinds differ. */
export interface ReplicatedKind<T extends Replicated> {
  readonly kind: Kind<T>;
  /** The service account, which is also the source of its events. */
  readonly account: string;
  selects(owner: T, labels: Labels | undefined): boolean;
}

export class ReplicaController<T extends Replicated> {
  readonly #of: ReplicatedKind<T>;
  readonly #kernel: Kernel;
  readonly #client: Client;
  readonly #podControl: PodControl;
  readonly #sets: Informer<T>;
  readonly #owned: Index<Pod>;
  readonly #orphans: Index<Pod>;
  readonly #siblings: Index<T>;
  readonly #queue: Workqueue<string>;
  readonly #tallies = new Map<string, ReplicaTally>();
  readonly #references = new Map<string, readonly OwnerReference[]>();

  constructor(context: ControllerContext, of: ReplicatedKind<T>) {
    this.#of = of;
    this.#kernel = context.kernel;
    this.#client = context.client(of.account);
    this.#podControl = new PodControl(this.#client, context.recorder(this.#client, of.account));
    this.#sets = context.informers.for(of.kind);
    const podInformer = context.informers.for(pods);
    this.#owned = podInformer.index(byController);
    this.#orphans = podInformer.index(orphansByNamespace);
    this.#siblings = this.#sets.index(byController);
    this.#queue = context.queue({ name: of.kind.singular, reconcile: (uid: string) => this.#reconcile(uid) });
    this.#sets.onChange((change) => this.#setChanged(change));
    podInformer.onChange((change) => this.#podChanged(change));
  }

  #tallyOf(uid: string): ReplicaTally {
    let tally = this.#tallies.get(uid);
    if (!tally) this.#tallies.set(uid, (tally = new ReplicaTally()));
    return tally;
  }

  #setChanged({ type, object, previous }: Change<T>): void {
    const { uid } = object.metadata;
    if (type === 'DELETED') {
      this.#tallies.delete(uid);
      this.#references.delete(uid);
      return;
    }
    const tally = this.#tallyOf(uid);
    tally.follow(object, this.#owned.get(uid).values());
    if (previous && previous.spec.selector !== object.spec.selector) tally.mustClaim = true;
    this.#queue.add(uid);
  }

  #podChanged({ type, object, previous }: Change<Pod>): void {
    const owner = controllerOf(object);
    if (previous) {
      const before = controllerOf(previous);
      if (before && before.uid !== owner?.uid) this.#leave(before, previous);
    }
    if (owner) this.#ownedPodChanged(owner, type, object, previous);
    else if (type !== 'DELETED') this.#orphanChanged(object, previous);
  }

  #leave(owner: OwnerReference, pod: Pod): void {
    if (owner.kind !== this.#of.kind.kind) return;
    this.#tallyOf(owner.uid).count(pod, -1);
    this.#queue.add(owner.uid);
  }

  #ownedPodChanged(owner: OwnerReference, type: Change<Pod>['type'], pod: Pod, previous: Pod | undefined): void {
    if (owner.kind !== this.#of.kind.kind) return;
    const tally = this.#tallyOf(owner.uid);
    const wasOwned = previous !== undefined && controllerOf(previous)?.uid === owner.uid;
    if (type === 'MODIFIED' && wasOwned && countsAlike(pod, previous)) return;
    if (wasOwned) tally.count(previous, -1);
    if (type !== 'DELETED') tally.count(pod, 1);
    if (type === 'ADDED') tally.expectations.creationSeen();
    if (type === 'DELETED' || pod.metadata.deletionTimestamp) tally.expectations.deletionSeen(pod.metadata.uid);
    if (previous && previous.metadata.labels !== pod.metadata.labels) tally.mustClaim = true;
    this.#queue.add(owner.uid);
  }

  #orphanChanged(pod: Pod, previous: Pod | undefined): void {
    const isNew =
      !previous || previous.metadata.labels !== pod.metadata.labels || previous.metadata.ownerReferences !== pod.metadata.ownerReferences;
    if (!isNew || !pod.metadata.labels) return;
    for (const rs of this.#sets.values()) {
      if (rs.metadata.namespace !== pod.metadata.namespace || !this.#of.selects(rs, pod.metadata.labels)) continue;
      this.#tallyOf(rs.metadata.uid).mustClaim = true;
      this.#queue.add(rs.metadata.uid);
    }
  }

  *#reconcile(uid: string): Call<void> {
    const rs = this.#sets.byUID(uid);
    if (!rs) return;
    const tally = this.#tallyOf(uid);
    // What was adopted or released is not counted yet; the change of the Pod brings the key back.
    if (tally.mustClaim && !(yield* this.#claim(rs, tally))) return;
    let failure: Error | undefined;
    if (tally.expectations.isFulfilled(this.#kernel.loop.now) && !rs.metadata.deletionTimestamp) {
      failure = yield* this.#manageReplicas(rs, tally);
    }
    const updated = yield* this.#updateStatus(rs, tally, failure);
    if (failure) throw failure;
    this.#returnWhenAvailable(updated);
  }

  /** False if a Pod has come or gone. */
  *#claim(rs: T, tally: ReplicaTally): Call<boolean> {
    tally.mustClaim = false;
    try {
      const claimed = yield* claim({
        client: this.#client,
        owner: rs,
        ownerKind: this.#of.kind,
        kind: pods,
        matches: (labels) => this.#of.selects(rs, labels),
        owned: [...this.#owned.get(rs.metadata.uid).values()].filter(isPodActive),
        orphans: [...this.#orphans.get(rs.metadata.namespace!).values()].filter(isPodActive),
      });
      return claimed.length === tally.active;
    } catch (error) {
      tally.mustClaim = true;
      throw error;
    }
  }

  *#manageReplicas(rs: T, tally: ReplicaTally): Call<Error | undefined> {
    const { expectations } = tally;
    const missing = (rs.spec.replicas ?? 1) - tally.active;
    if (missing === 0) return undefined;
    expectations.begin(this.#kernel.loop.now);
    if (missing > 0) return yield* this.#createPods(rs, tally, Math.min(missing, burstReplicas));
    const active = [...this.#owned.get(rs.metadata.uid).values()].filter(isPodActive);
    const now = { clock: this.#kernel.clock, ms: this.#kernel.loop.now };
    const surplus = podsToDelete(active, this.#family(rs), Math.min(-missing, burstReplicas), now);
    for (const pod of surplus) expectations.expectDeletion(pod.metadata.uid);
    let failure: Error | undefined;
    for (const pod of surplus) {
      try {
        yield* this.#podControl.delete(rs, pod);
      } catch (error) {
        expectations.deletionSeen(pod.metadata.uid);
        if (!isNotFound(error)) failure ??= error as Error;
      }
    }
    return failure;
  }

  *#createPods(rs: T, { expectations }: ReplicaTally, count: number): Call<Error | undefined> {
    const { uid } = rs.metadata;
    let reference = this.#references.get(uid);
    if (!reference) this.#references.set(uid, (reference = [newControllerRef(rs, this.#of.kind)]));
    // The draft is shared as well: the server builds what it stores from it and never changes it.
    const draft = podFromTemplate(rs, rs.spec.template!, reference);
    expectations.expectCreations(count);
    const podControl = this.#podControl;
    const { succeeded, error } = yield* slowStart(count, function* () {
      try {
        yield* podControl.create(rs, draft);
      } catch (failure) {
        if (!isNamespaceTerminating(failure)) throw failure;
        expectations.creationSeen();
      }
    });
    if (error) for (let i = succeeded; i < count; i++) expectations.creationSeen();
    return error;
  }

  /** The active Pods of all ReplicaSets with the same controller: they are spread together. */
  *#family(rs: T): Iterable<Pod> {
    const owner = controllerOf(rs);
    const members = owner ? this.#siblings.get(owner.uid).values() : [rs];
    for (const member of members) for (const pod of this.#owned.get(member.metadata.uid).values()) if (isPodActive(pod)) yield pod;
  }

  #availableOf(rs: T, tally: ReplicaTally): number {
    const minReadySeconds = rs.spec.minReadySeconds ?? 0;
    if (minReadySeconds === 0) return tally.ready;
    let available = 0;
    for (const pod of this.#owned.get(rs.metadata.uid).values()) {
      if (isPodActive(pod) && msUntilAvailable(pod, minReadySeconds, this.#kernel.clock, this.#kernel.loop.now) === 0) available++;
    }
    return available;
  }

  *#updateStatus(rs: T, tally: ReplicaTally, failure: Error | undefined): Call<T> {
    const status: ReplicaSetStatus = {
      replicas: tally.active,
      // Counts of zero are left out, as Go's omitempty does.
      fullyLabeledReplicas: tally.fullyLabeled || undefined,
      readyReplicas: tally.ready || undefined,
      availableReplicas: this.#availableOf(rs, tally) || undefined,
      observedGeneration: rs.metadata.generation,
      conditions: this.#conditions(rs, tally, failure),
    };
    if (isSameStatus(rs.status, status)) return rs;
    let isFirst = true;
    const client = this.#client;
    const { kind } = this.#of;
    return yield* retryOnConflict(function* () {
      const stored = isFirst ? rs : yield* client.get(kind, rs.metadata);
      isFirst = false;
      return yield* client.updateStatus(kind, { ...stored, status });
    });
  }

  #conditions(rs: T, tally: ReplicaTally, failure: Error | undefined): readonly ReplicaSetCondition[] | undefined {
    const conditions = rs.status?.conditions;
    const known = conditions?.find(({ type }) => type === 'ReplicaFailure');
    if (!failure) return known ? conditions!.filter((condition) => condition !== known) : conditions;
    if (known) return conditions;
    const reason = (rs.spec.replicas ?? 1) > tally.active ? 'FailedCreate' : 'FailedDelete';
    const lastTransitionTime = this.#kernel.clock.timestamp();
    return [...(conditions ?? []), { type: 'ReplicaFailure', status: 'True', reason, message: failure.message, lastTransitionTime }];
  }

  /** Looks again when the next ready Pod will have been ready for minReadySeconds. */
  #returnWhenAvailable(rs: T): void {
    const minReadySeconds = rs.spec.minReadySeconds ?? 0;
    if (minReadySeconds === 0) return;
    let next = Number.POSITIVE_INFINITY;
    for (const pod of this.#owned.get(rs.metadata.uid).values()) {
      const ms = msUntilAvailable(pod, minReadySeconds, this.#kernel.clock, this.#kernel.loop.now);
      if (ms !== undefined && ms > 0) next = Math.min(next, ms);
    }
    if (next !== Number.POSITIVE_INFINITY) this.#queue.addAfter(rs.metadata.uid, next);
  }
}

/** Whether nothing that a T counts or claims by differs. */
function countsAlike(a: Pod, b: Pod): boolean {
  return isPodActive(a) === isPodActive(b) && isPodReady(a) === isPodReady(b) && a.metadata.labels === b.metadata.labels;
}

function isSameStatus(a: ReplicaSetStatus | undefined, b: ReplicaSetStatus): boolean {
  return (
    a !== undefined &&
    a.replicas === b.replicas &&
    a.fullyLabeledReplicas === b.fullyLabeledReplicas &&
    a.readyReplicas === b.readyReplicas &&
    a.availableReplicas === b.availableReplicas &&
    a.observedGeneration === b.observedGeneration &&
    semanticEqual(a.conditions, b.conditions)
  );
}
