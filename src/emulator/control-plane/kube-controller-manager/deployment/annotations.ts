/** What a Deployment notes on its ReplicaSets (pkg/controller/deployment/util/deployment_util.go). */
import type { Deployment, ReplicaSet } from '../../../api/generated/types.ts';
import type { Labels } from '../../../machinery/objects.ts';

export const annotationKeys = {
  revision: 'deployment.kubernetes.io/revision',
  revisionHistory: 'deployment.kubernetes.io/revision-history',
  desiredReplicas: 'deployment.kubernetes.io/desired-replicas',
  maxReplicas: 'deployment.kubernetes.io/max-replicas',
} as const;

/** Annotations of the Deployment that are its own business. */
const skipped: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deprecated.deployment.rollback.to',
  ...Object.values(annotationKeys),
]);
const maxHistoryLength = 2000;

/** The revision that an object is annotated with, 0 if none. */
export function revisionOf(object: Deployment | ReplicaSet): number {
  const text = object.metadata.annotations?.[annotationKeys.revision];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : 0;
}

/** The annotations of the new ReplicaSet: the Deployment's, its revision, and the revisions it had before. */
export function newReplicaSetAnnotations(d: Deployment, current: Labels | undefined, revision: number): Labels {
  const annotations: Record<string, string> = { ...current };
  for (const key in d.metadata.annotations) if (!skipped.has(key)) annotations[key] = d.metadata.annotations[key]!;
  const old = annotations[annotationKeys.revision];
  if (old !== undefined && !/^\d+$/.test(old) && old !== '') return annotations;
  if (Number(old ?? 0) >= revision) return annotations;
  annotations[annotationKeys.revision] = String(revision);
  if (old) {
    const history = annotations[annotationKeys.revisionHistory];
    annotations[annotationKeys.revisionHistory] = history ? boundedHistory(history, old) : old;
  }
  return annotations;
}

function boundedHistory(history: string, revision: string): string {
  const revisions = history.split(',');
  while (revisions.length > 0 && revisions.join(',').length + revision.length + 1 > maxHistoryLength) revisions.shift();
  return [...revisions, revision].join(',');
}

/** Notes how many replicas are wanted and how many there may be: by it a later scaling keeps proportions. */
export function withReplicas(annotations: Labels | undefined, desired: number, most: number): Labels {
  const known = annotations ?? {};
  if (known[annotationKeys.desiredReplicas] === String(desired) && known[annotationKeys.maxReplicas] === String(most)) return known;
  return { ...known, [annotationKeys.desiredReplicas]: String(desired), [annotationKeys.maxReplicas]: String(most) };
}
