/** The numbers of a rollout (pkg/controller/deployment/util/deployment_util.go): pure functions of a Deployment and its ReplicaSets. */
import type { Deployment, DeploymentStatus, PodTemplateSpec, ReplicaSet } from '../../../api/generated/types.ts';
import { equal, semanticEqual } from '../../../machinery/equality.ts';
import { hashLabel } from '../template-hash.ts';
import { annotationKeys } from './annotations.ts';

export const replicasOf = (set: { readonly spec: { readonly replicas?: number | undefined } }): number => set.spec.replicas ?? 1;
export const sumReplicas = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, rs) => sum + replicasOf(rs), 0);
export const sumActual = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, rs) => sum + (rs.status?.replicas ?? 0), 0);
export const sumReady = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, rs) => sum + (rs.status?.readyReplicas ?? 0), 0);
export const sumAvailable = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, rs) => sum + (rs.status?.availableReplicas ?? 0), 0);

export const isRollingUpdate = (d: Deployment): boolean => d.spec.strategy?.type !== 'Recreate';

/** An amount that may be a percentage of the replicas. */
function scaled(value: number | string | undefined, total: number, round: (n: number) => number): number {
  if (typeof value === 'number') return value;
  const percent = /^(\d+)%$/.exec(value ?? '')?.[1];
  return percent === undefined ? 0 : round((Number(percent) * total) / 100);
}

/** maxSurge rounded up and maxUnavailable rounded down; when both would be 0, one Pod may be unavailable. */
export function fenceposts(d: Deployment): { readonly surge: number; readonly unavailable: number } {
  const { maxSurge, maxUnavailable } = d.spec.strategy?.rollingUpdate ?? {};
  const surge = scaled(maxSurge, replicasOf(d), Math.ceil);
  const unavailable = scaled(maxUnavailable, replicasOf(d), Math.floor);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

export function maxSurge(d: Deployment): number {
  return isRollingUpdate(d) ? fenceposts(d).surge : 0;
}

export function maxUnavailable(d: Deployment): number {
  if (!isRollingUpdate(d) || replicasOf(d) === 0) return 0;
  return Math.min(fenceposts(d).unavailable, replicasOf(d));
}

export const isActive = (rs: ReplicaSet | undefined): rs is ReplicaSet => rs !== undefined && replicasOf(rs) > 0;

export const olderFirst = (a: ReplicaSet, b: ReplicaSet): number =>
  compareText(a.metadata.creationTimestamp, b.metadata.creationTimestamp) || compareText(a.metadata.name, b.metadata.name);
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Whether two templates differ in nothing but the hash label. */
export function sameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  if (a.spec !== b.spec && !semanticEqual(a.spec, b.spec)) return false;
  const { labels: labelsA, ...metaA } = a.metadata ?? {};
  const { labels: labelsB, ...metaB } = b.metadata ?? {};
  return equal(withoutHash(labelsA), withoutHash(labelsB)) && semanticEqual(metaA, metaB);
}

function withoutHash(labels: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const { [hashLabel]: _, ...rest } = labels ?? {};
  return rest;
}

/** The ReplicaSet of the current template, the oldest if a collision made several. */
export function findNewReplicaSet(d: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  return [...sets].sort(olderFirst).find((rs) => sameTemplate(rs.spec.template!, d.spec.template));
}

/** How many replicas the new ReplicaSet may have now: as many as asked, within what surge allows beside the old ones. */
export function newReplicaSetSize(d: Deployment, all: readonly ReplicaSet[], newRS: ReplicaSet | undefined): number {
  const wanted = replicasOf(d);
  if (!isRollingUpdate(d)) return wanted;
  const has = newRS ? replicasOf(newRS) : 0;
  const current = sumReplicas(all);
  const most = wanted + fenceposts(d).surge;
  if (current >= most) return has;
  return has + Math.min(most - current, wanted - has);
}

/** Whether the new ReplicaSet has all replicas, and all of them available. */
export function isSaturated(d: Deployment, rs: ReplicaSet | undefined): boolean {
  if (!rs) return false;
  const desired = Number(rs.metadata.annotations?.[annotationKeys.desiredReplicas] ?? Number.NaN);
  return replicasOf(rs) === replicasOf(d) && desired === replicasOf(d) && (rs.status?.availableReplicas ?? 0) === replicasOf(d);
}

/** How many of `toAdd` replicas (negative: to remove) go to one ReplicaSet, in proportion to its size. */
export function proportionOf(rs: ReplicaSet, d: Deployment, toAdd: number, added: number): number {
  if (replicasOf(rs) === 0 || toAdd === 0 || toAdd === added) return 0;
  const share = fractionOf(rs, d);
  const allowed = toAdd - added;
  return toAdd > 0 ? Math.min(share, allowed) : Math.max(share, allowed);
}

function fractionOf(rs: ReplicaSet, d: Deployment): number {
  if (replicasOf(d) === 0) return -replicasOf(rs);
  const most = replicasOf(d) + maxSurge(d);
  const before = Number(rs.metadata.annotations?.[annotationKeys.maxReplicas] ?? 0) || (d.status?.replicas ?? 0);
  if (before === 0) return 0;
  return Math.round((replicasOf(rs) * most) / before) - replicasOf(rs);
}

export function isComplete(d: Deployment, status: DeploymentStatus): boolean {
  const wanted = replicasOf(d);
  return (
    (status.updatedReplicas ?? 0) === wanted &&
    (status.replicas ?? 0) === wanted &&
    (status.availableReplicas ?? 0) === wanted &&
    (status.observedGeneration ?? 0) >= (d.metadata.generation ?? 0)
  );
}

/** Whether the new status is closer to the end than the stored one. */
export function isProgressing(d: Deployment, next: DeploymentStatus): boolean {
  const old = d.status ?? {};
  const outdated = (s: DeploymentStatus): number => (s.replicas ?? 0) - (s.updatedReplicas ?? 0);
  return (
    (next.updatedReplicas ?? 0) > (old.updatedReplicas ?? 0) ||
    outdated(next) < outdated(old) ||
    (next.readyReplicas ?? 0) > (old.readyReplicas ?? 0) ||
    (next.availableReplicas ?? 0) > (old.availableReplicas ?? 0)
  );
}
