import { deployments } from '../../../api/apps/deployment.ts';
import { replicaSets } from '../../../api/apps/replica-set.ts';
import type { Deployment, DeploymentStatus, ReplicaSet } from '../../../api/generated/types.ts';
import type { Client, EventRecorder } from '../../../client/index.ts';
import type { Call, Kernel } from '../../../kernel/index.ts';
import { equal, semanticEqual } from '../../../machinery/equality.ts';
import type { Draft, Labels } from '../../../machinery/objects.ts';
import { isAlreadyExists, isNotFound, StatusError } from '../../../machinery/status-error.ts';
import { controllerOf, newControllerRef } from '../controller-ref.ts';
import { isNamespaceTerminating } from '../pod-control.ts';
import { computeHash, hashLabel } from '../template-hash.ts';
import { annotationKeys, newReplicaSetAnnotations, revisionOf, withReplicas } from './annotations.ts';
import { findNewReplicaSet, maxSurge, newReplicaSetSize, replicasOf, sameTemplate } from './arithmetic.ts';
import type { NewCondition } from './conditions.ts';
import { conditionOf, hasProgressDeadline, rolloutStatus, unlimited, withCondition } from './conditions.ts';

export interface RolloutTools {
  readonly kernel: Kernel;
  readonly client: Client;
  readonly recorder: EventRecorder;
}

/** One Deployment and its ReplicaSets during a reconcile; what is written takes the place of what was read. */
export class Rollout {
  d: Deployment;
  newRS: ReplicaSet | undefined;
  old: ReplicaSet[] = [];
  readonly #sets: readonly ReplicaSet[];
  readonly #tools: RolloutTools;

  constructor(tools: RolloutTools, d: Deployment, sets: readonly ReplicaSet[]) {
    this.#tools = tools;
    this.d = d;
    this.#sets = sets;
  }

  get all(): readonly ReplicaSet[] {
    return this.newRS ? [...this.old, this.newRS] : this.old;
  }

  /** Finds the new and the old ReplicaSets, numbers the new one as the latest revision, and makes it if that is wanted. */
  *findReplicaSets({ create }: { readonly create: boolean }): Call<void> {
    const found = findNewReplicaSet(this.d, this.#sets);
    this.old = this.#sets.filter((rs) => rs !== found);
    const revision = this.old.reduce((most, rs) => Math.max(most, revisionOf(rs)), 0) + 1;
    if (found) yield* this.#renew(found, revision);
    else if (create) yield* this.#create(revision);
  }

  /** Changes the size of a ReplicaSet and what it notes of its Deployment's size. True if its size changed. */
  *scale(rs: ReplicaSet, size: number): Call<boolean> {
    const annotations = withReplicas(rs.metadata.annotations, replicasOf(this.d), replicasOf(this.d) + maxSurge(this.d));
    const before = replicasOf(rs);
    if (before === size && annotations === rs.metadata.annotations) return false;
    const written = yield* this.#tools.client.update(replicaSets, {
      ...rs,
      metadata: { ...rs.metadata, annotations },
      spec: { ...rs.spec, replicas: size },
    });
    this.#replace(rs, written);
    if (before === size) return false;
    const direction = size > before ? 'up' : 'down';
    this.#tools.recorder.normal(
      this.d,
      'ScalingReplicaSet',
      `Scaled ${direction} replica set ${rs.metadata.name} from ${before} to ${size}`,
    );
    return true;
  }

  *updateStatus(status: DeploymentStatus): Call<void> {
    this.d = yield* this.#tools.client.updateStatus(deployments, { ...this.d, status });
  }

  /** Writes what the rollout has come to. Returns the status that holds now. */
  *reportRollout(): Call<DeploymentStatus> {
    const status = rolloutStatus(this.all, this.newRS, this.d, this.#tools.kernel.clock);
    if (!semanticEqual(withoutZeros(this.d.status), withoutZeros(status))) yield* this.updateStatus(status);
    return status;
  }

  *setCondition(condition: NewCondition): Call<void> {
    const conditions = withCondition(this.d.status?.conditions ?? [], condition, this.#tools.kernel.clock.timestamp());
    if (conditions !== this.d.status?.conditions) yield* this.updateStatus({ ...this.d.status, conditions });
  }

  /** Deletes the oldest revisions beyond revisionHistoryLimit that have no Pods. */
  *cleanUp(): Call<void> {
    const limit = this.d.spec.revisionHistoryLimit ?? unlimited;
    if (limit === unlimited) return;
    const alive = this.old.filter((rs) => !rs.metadata.deletionTimestamp).sort((a, b) => revisionOf(a) - revisionOf(b));
    for (const rs of alive.slice(0, Math.max(0, alive.length - limit))) {
      const isInUse =
        (rs.status?.replicas ?? 0) !== 0 || replicasOf(rs) !== 0 || (rs.metadata.generation ?? 0) > (rs.status?.observedGeneration ?? 0);
      if (isInUse) continue;
      try {
        yield* this.#tools.client.delete(replicaSets, rs.metadata);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  }

  #replace(before: ReplicaSet, after: ReplicaSet): void {
    if (this.newRS === before) this.newRS = after;
    else this.old = this.old.map((rs) => (rs === before ? after : rs));
  }

  /** The ReplicaSet of the template exists: an undo makes an old one the newest revision. */
  *#renew(found: ReplicaSet, revision: number): Call<void> {
    const { d } = this;
    const annotations = newReplicaSetAnnotations(d, found.metadata.annotations, revision);
    const { minReadySeconds } = d.spec;
    if (!equal(annotations, found.metadata.annotations) || (found.spec.minReadySeconds ?? 0) !== (minReadySeconds ?? 0)) {
      this.newRS = yield* this.#tools.client.update(replicaSets, {
        ...found,
        metadata: { ...found.metadata, annotations },
        spec: { ...found.spec, minReadySeconds },
      });
    } else this.newRS = found;
    yield* this.#setRevision(annotations[annotationKeys.revision]);
    if (hasProgressDeadline(d) && !conditionOf(d.status, 'Progressing')) {
      yield* this.setCondition({
        type: 'Progressing',
        status: 'True',
        reason: 'FoundNewReplicaSet',
        message: `Found new replica set "${found.metadata.name}"`,
      });
    }
  }

  *#create(revision: number): Call<void> {
    const { d } = this;
    const draft = this.#draft(revision);
    const name = draft.metadata.name!;
    let isNew = true;
    try {
      this.newRS = yield* this.#tools.client.create(replicaSets, draft);
    } catch (error) {
      if (isAlreadyExists(error)) {
        this.newRS = yield* this.#settleCollision(name, error as StatusError);
        isNew = false;
      } else if (error instanceof StatusError && !isNamespaceTerminating(error)) {
        yield* this.#reportFailure(name, error);
        throw error;
      } else throw error;
    }
    if (isNew && replicasOf(this.newRS) > 0) {
      this.#tools.recorder.normal(d, 'ScalingReplicaSet', `Scaled up replica set ${name} from 0 to ${replicasOf(this.newRS)}`);
    }
    yield* this.#setRevision(String(revision));
    if (isNew && hasProgressDeadline(d)) {
      yield* this.setCondition({
        type: 'Progressing',
        status: 'True',
        reason: 'NewReplicaSetCreated',
        message: `Created new replica set "${name}"`,
      });
    }
  }

  #draft(revision: number): Draft<ReplicaSet> {
    const { d } = this;
    const hash = computeHash(d.spec.template, d.status?.collisionCount);
    const { template, selector, minReadySeconds } = d.spec;
    const labels: Labels = { ...template.metadata?.labels, [hashLabel]: hash };
    const size = newReplicaSetSize(d, this.old, undefined);
    const annotations = withReplicas(newReplicaSetAnnotations(d, undefined, revision), replicasOf(d), replicasOf(d) + maxSurge(d));
    return {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${d.metadata.name}-${hash}`,
        namespace: d.metadata.namespace,
        labels,
        annotations,
        ownerReferences: [newControllerRef(d, deployments)],
      },
      spec: {
        replicas: size,
        minReadySeconds,
        selector: { ...selector, matchLabels: { ...selector.matchLabels, [hashLabel]: hash } },
        // The template's spec is passed on by reference: its identity is what admission and the scheduler remember.
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    };
  }

  /** A ReplicaSet of that name exists. If it is this template's the cache was late; else the next try takes another hash. */
  *#settleCollision(name: string, error: StatusError): Call<ReplicaSet> {
    const { client } = this.#tools;
    const found = yield* client.get(replicaSets, { namespace: this.d.metadata.namespace, name });
    if (controllerOf(found)?.uid === this.d.metadata.uid && sameTemplate(found.spec.template!, this.d.spec.template)) return found;
    yield* this.updateStatus({ ...this.d.status, collisionCount: (this.d.status?.collisionCount ?? 0) + 1 });
    throw error;
  }

  *#reportFailure(name: string, error: StatusError): Call<void> {
    const message = `Failed to create new replica set "${name}": ${error.message}`;
    if (hasProgressDeadline(this.d))
      yield* this.setCondition({ type: 'Progressing', status: 'False', reason: 'ReplicaSetCreateError', message });
    this.#tools.recorder.warning(this.d, 'ReplicaSetCreateError', message);
  }

  *#setRevision(revision: string | undefined): Call<void> {
    if (revision === undefined || this.d.metadata.annotations?.[annotationKeys.revision] === revision) return;
    const annotations = { ...this.d.metadata.annotations, [annotationKeys.revision]: revision };
    // Upstream sends the annotation with the status, which takes metadata as well.
    this.d = yield* this.#tools.client.updateStatus(deployments, { ...this.d, metadata: { ...this.d.metadata, annotations } });
  }
}

/** The status without counts of 0, which are absent in what is stored. */
export function withoutZeros(status: DeploymentStatus | undefined): object {
  return Object.fromEntries(Object.entries(status ?? {}).filter(([, value]) => value !== 0));
}
