/** Conditions and status of a Deployment (pkg/controller/deployment/{sync,progress}.go). */
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '../../../api/generated/types.ts';
import type { WallClock } from '../../../kernel/index.ts';
import { isComplete, isProgressing, maxUnavailable, replicasOf, sumActual, sumAvailable, sumReady, sumReplicas } from './arithmetic.ts';

/** math.MaxInt32 stands for no deadline and no limit of revisions. */
export const unlimited = 2_147_483_647;

export const hasProgressDeadline = (d: Deployment): boolean => (d.spec.progressDeadlineSeconds ?? unlimited) !== unlimited;

export function conditionOf(status: DeploymentStatus | undefined, type: string): DeploymentCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

export interface NewCondition {
  readonly type: 'Available' | 'Progressing' | 'ReplicaFailure';
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/** Puts a condition in; one with the same status and reason stays as it is. */
export function withCondition(conditions: readonly DeploymentCondition[], next: NewCondition, now: string): readonly DeploymentCondition[] {
  const current = conditions.find(({ type }) => type === next.type);
  if (current?.status === next.status && current.reason === next.reason) return conditions;
  const lastTransitionTime = current?.status === next.status ? current.lastTransitionTime : now;
  return [...withoutCondition(conditions, next.type), { ...next, lastUpdateTime: now, lastTransitionTime }];
}

export function withoutCondition(conditions: readonly DeploymentCondition[], type: string): readonly DeploymentCondition[] {
  return conditions.some((condition) => condition.type === type) ? conditions.filter((condition) => condition.type !== type) : conditions;
}

/** Counts, and the condition Available. */
export function calculateStatus(all: readonly ReplicaSet[], newRS: ReplicaSet | undefined, d: Deployment, now: string): DeploymentStatus {
  const available = sumAvailable(all);
  const isAvailable = available >= replicasOf(d) - maxUnavailable(d);
  const condition: NewCondition = isAvailable
    ? { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
  return {
    observedGeneration: d.metadata.generation,
    // Counts of zero are left out, as Go's omitempty does.
    replicas: sumActual(all) || undefined,
    updatedReplicas: (newRS && sumActual([newRS])) || undefined,
    readyReplicas: sumReady(all) || undefined,
    availableReplicas: available || undefined,
    unavailableReplicas: Math.max(0, sumReplicas(all) - available) || undefined,
    collisionCount: d.status?.collisionCount,
    conditions: withCondition(d.status?.conditions ?? [], condition, now),
  };
}

/** As `calculateStatus`, with the conditions Progressing and ReplicaFailure: what a rollout reports. */
export function rolloutStatus(
  all: readonly ReplicaSet[],
  newRS: ReplicaSet | undefined,
  d: Deployment,
  clock: WallClock,
): DeploymentStatus {
  const now = clock.timestamp();
  const status = calculateStatus(all, newRS, d, now);
  let conditions = status.conditions!;
  const current = conditionOf(d.status, 'Progressing');
  if (!hasProgressDeadline(d)) conditions = withoutCondition(conditions, 'Progressing');
  const wasComplete = status.replicas === status.updatedReplicas && current?.reason === 'NewReplicaSetAvailable';
  if (hasProgressDeadline(d) && !wasComplete) conditions = withProgress(conditions, { status, newRS, d, clock });
  const failure = replicaFailure(all, newRS);
  conditions = failure ? withCondition(conditions, failure, now) : withoutCondition(conditions, 'ReplicaFailure');
  return { ...status, conditions };
}

interface Progress {
  readonly status: DeploymentStatus;
  readonly newRS: ReplicaSet | undefined;
  readonly d: Deployment;
  readonly clock: WallClock;
}

function withProgress(conditions: readonly DeploymentCondition[], { status, newRS, d, clock }: Progress): readonly DeploymentCondition[] {
  const now = clock.timestamp();
  const subject = newRS ? `ReplicaSet "${newRS.metadata.name}"` : `Deployment "${d.metadata.name}"`;
  if (isComplete(d, status)) {
    const message = `${subject} has successfully progressed.`;
    return withCondition(conditions, { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message }, now);
  }
  if (isProgressing(d, status)) {
    // Every step counts as an update of the condition, which is what the deadline is measured from.
    const current = conditionOf(d.status, 'Progressing');
    const lastTransitionTime = current?.status === 'True' ? current.lastTransitionTime : now;
    const next = { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message: `${subject} is progressing.` };
    return [...withoutCondition(conditions, 'Progressing'), { ...next, lastUpdateTime: now, lastTransitionTime }];
  }
  if (hasTimedOut(d, status, clock)) {
    const message = `${subject} has timed out progressing.`;
    return withCondition(conditions, { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message }, now);
  }
  return conditions;
}

/** Whether the deadline has passed since the last progress. */
export function hasTimedOut(d: Deployment, status: DeploymentStatus, clock: WallClock): boolean {
  const condition = conditionOf(status, 'Progressing');
  if (!hasProgressDeadline(d) || !condition || condition.reason === 'NewReplicaSetAvailable') return false;
  if (condition.reason === 'ProgressDeadlineExceeded') return true;
  return clock.virtualMs(condition.lastUpdateTime!) + d.spec.progressDeadlineSeconds! * 1000 < clock.unixMs - clock.epochMs;
}

/** Virtual milliseconds after which to look at the deadline again, undefined if there is no need. */
export function msUntilDeadline(d: Deployment, status: DeploymentStatus, clock: WallClock): number | undefined {
  const condition = conditionOf(d.status, 'Progressing');
  if (!hasProgressDeadline(d) || !condition) return undefined;
  if (isComplete(d, status) || condition.reason === 'ProgressDeadlineExceeded') return undefined;
  const left = clock.virtualMs(condition.lastUpdateTime!) + d.spec.progressDeadlineSeconds! * 1000 - (clock.unixMs - clock.epochMs);
  return Math.max(0, left) + 1000;
}

function replicaFailure(all: readonly ReplicaSet[], newRS: ReplicaSet | undefined): NewCondition | undefined {
  for (const rs of newRS ? [newRS, ...all] : all) {
    const failure = rs.status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
    if (failure)
      return {
        type: 'ReplicaFailure',
        status: failure.status as NewCondition['status'],
        reason: failure.reason ?? '',
        message: failure.message ?? '',
      };
  }
  return undefined;
}
