/**
 * Deployment: rolls Pods from one template to the next through ReplicaSets, one for each template
 * (pkg/controller/deployment).
 *
 * - The ReplicaSet of a template is found by the template, not by name; an undo finds the old one and renumbers it.
 * - A reconcile takes one step and writes the status; what its ReplicaSets report leads to the next step.
 * - A rollout that makes no progress within progressDeadlineSeconds is reported and goes on trying.
 */
import { deployments } from '../../../api/apps/deployment.ts';
import { replicaSets } from '../../../api/apps/replica-set.ts';
import { pods } from '../../../api/core/pod.ts';
import type { Deployment, Pod, ReplicaSet } from '../../../api/generated/types.ts';
import type { Change, Index, Informer, Workqueue } from '../../../client/index.ts';
import type { Call } from '../../../kernel/index.ts';
import { semanticEqual } from '../../../machinery/equality.ts';
import { selectorFromObject } from '../../../machinery/labels.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { byController, claim, controllerOf, orphansByNamespace } from '../controller-ref.ts';
import { isPodTerminal } from '../pod-state.ts';
import { annotationKeys } from './annotations.ts';
import { isActive, isComplete, replicasOf, sumActual } from './arithmetic.ts';
import { calculateStatus, conditionOf, hasProgressDeadline, msUntilDeadline } from './conditions.ts';
import type { RolloutTools } from './rollout.ts';
import { Rollout, withoutZeros } from './rollout.ts';
import { removeOld, scaleDeployment, stepRollingUpdate } from './strategies.ts';

export const deploymentController: Controller = {
  name: 'deployment-controller',
  start: (context) => {
    new DeploymentController(context);
  },
};

class DeploymentController {
  readonly #tools: RolloutTools;
  readonly #deployments: Informer<Deployment>;
  readonly #sets: Index<ReplicaSet>;
  readonly #orphans: Index<ReplicaSet>;
  readonly #setByUID: Informer<ReplicaSet>;
  readonly #pods: Index<Pod>;
  readonly #queue: Workqueue<string>;

  constructor(context: ControllerContext) {
    const client = context.client('deployment-controller');
    this.#tools = { kernel: context.kernel, client, recorder: context.recorder(client, 'deployment-controller') };
    this.#deployments = context.informers.for(deployments);
    this.#setByUID = context.informers.for(replicaSets);
    this.#sets = this.#setByUID.index(byController);
    this.#orphans = this.#setByUID.index(orphansByNamespace);
    const podInformer = context.informers.for(pods);
    this.#pods = podInformer.index(byController);
    this.#queue = context.queue({ name: 'deployment', reconcile: (uid: string) => this.#reconcile(uid) });
    this.#deployments.onChange(({ type, object }) => type !== 'DELETED' && this.#queue.add(object.metadata.uid));
    this.#setByUID.onChange((change) => this.#setChanged(change));
    podInformer.onChange(({ type, object }) => type === 'DELETED' && this.#podDeleted(object));
  }

  #setChanged({ object, previous }: Change<ReplicaSet>): void {
    const owner = controllerOf(object);
    const before = previous && controllerOf(previous);
    if (before && before.uid !== owner?.uid) this.#queue.add(before.uid);
    if (owner) {
      if (owner.kind === 'Deployment') this.#queue.add(owner.uid);
      return;
    }
    for (const d of this.#deployments.values()) {
      if (d.metadata.namespace === object.metadata.namespace && selectorFromObject(d.spec.selector).matches(object.metadata.labels))
        this.#queue.add(d.metadata.uid);
    }
  }

  /** A Deployment that recreates waits for the last old Pod to be gone. */
  #podDeleted(pod: Pod): void {
    const set = controllerOf(pod);
    if (set?.kind !== 'ReplicaSet') return;
    const rs = this.#setByUID.byUID(set.uid);
    const owner = rs && controllerOf(rs);
    const d = owner && this.#deployments.byUID(owner.uid);
    if (d?.spec.strategy?.type === 'Recreate') this.#queue.add(d.metadata.uid);
  }

  *#reconcile(uid: string): Call<void> {
    const d = this.#deployments.byUID(uid);
    if (!d) return;
    const sets = yield* claim({
      client: this.#tools.client,
      owner: d,
      ownerKind: deployments,
      kind: replicaSets,
      matches: selectorFromObject(d.spec.selector).matches,
      owned: this.#sets.get(uid).values(),
      orphans: this.#orphans.get(d.metadata.namespace!).values(),
    });
    const rollout = new Rollout(this.#tools, d, sets);
    if (d.metadata.deletionTimestamp) {
      yield* rollout.findReplicaSets({ create: false });
      return yield* this.#reportScale(rollout);
    }
    yield* this.#notePause(rollout);
    if (d.spec.paused || isScaled(d, sets)) {
      yield* rollout.findReplicaSets({ create: false });
      yield* scaleDeployment(rollout);
      if (d.spec.paused) yield* rollout.cleanUp();
      return yield* this.#reportScale(rollout);
    }
    if (d.spec.strategy?.type === 'Recreate') yield* this.#recreate(rollout);
    else yield* this.#rollingUpdate(rollout);
  }

  *#rollingUpdate(rollout: Rollout): Call<void> {
    yield* rollout.findReplicaSets({ create: true });
    yield* stepRollingUpdate(rollout);
    yield* this.#finish(rollout);
  }

  *#recreate(rollout: Rollout): Call<void> {
    yield* rollout.findReplicaSets({ create: false });
    if ((yield* removeOld(rollout)) || this.#oldPodsRun(rollout)) return yield* this.#finish(rollout);
    if (!rollout.newRS) yield* rollout.findReplicaSets({ create: true });
    if (rollout.newRS && replicasOf(rollout.newRS) !== replicasOf(rollout.d)) yield* rollout.scale(rollout.newRS, replicasOf(rollout.d));
    yield* this.#finish(rollout);
  }

  #oldPodsRun({ old }: Rollout): boolean {
    if (sumActual(old) > 0) return true;
    for (const rs of old) for (const pod of this.#pods.get(rs.metadata.uid).values()) if (!isPodTerminal(pod)) return true;
    return false;
  }

  *#finish(rollout: Rollout): Call<void> {
    if (isComplete(rollout.d, rollout.d.status ?? {})) yield* rollout.cleanUp();
    const status = yield* rollout.reportRollout();
    const ms = msUntilDeadline(rollout.d, status, this.#tools.kernel.clock);
    // In the background: a rollout that is stuck is settled, its deadline is news for whoever waits that long.
    if (ms !== undefined) this.#queue.addAfter(rollout.d.metadata.uid, ms, true);
  }

  /** Counts only: a Deployment that is paused or being scaled keeps its conditions. */
  *#reportScale(rollout: Rollout): Call<void> {
    const { d } = rollout;
    const status = calculateStatus(rollout.all, rollout.newRS, d, this.#tools.kernel.clock.timestamp());
    if (!semanticEqual(withoutZeros(d.status), withoutZeros(status))) yield* rollout.updateStatus(status);
  }

  *#notePause(rollout: Rollout): Call<void> {
    const { d } = rollout;
    if (!hasProgressDeadline(d)) return;
    const condition = conditionOf(d.status, 'Progressing');
    if (condition?.reason === 'ProgressDeadlineExceeded') return;
    const isNoted = condition?.reason === 'DeploymentPaused';
    if (d.spec.paused && !isNoted) {
      yield* rollout.setCondition({ type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' });
    } else if (!d.spec.paused && isNoted) {
      yield* rollout.setCondition({
        type: 'Progressing',
        status: 'Unknown',
        reason: 'DeploymentResumed',
        message: 'Deployment is resumed',
      });
    }
  }
}

/** Whether spec.replicas changed since the ReplicaSets were last sized. */
function isScaled(d: Deployment, sets: readonly ReplicaSet[]): boolean {
  return sets.some((rs) => {
    const desired = rs.metadata.annotations?.[annotationKeys.desiredReplicas];
    return isActive(rs) && desired !== undefined && Number(desired) !== replicasOf(d);
  });
}
