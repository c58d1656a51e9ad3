/** What controllers ask of a Pod (k8s.io/kubernetes/pkg/api/v1/pod). */
import type { Pod, PodCondition } from '../../api/generated/types.ts';
import type { WallClock } from '../../kernel/index.ts';

/** A condition of the Pod's status by its type. */
export function podCondition(pod: Pod, type: string): PodCondition | undefined {
  const conditions = pod.status?.conditions;
  if (conditions) for (const condition of conditions) if (condition.type === type) return condition;
  return undefined;
}

export function isPodReady(pod: Pod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True';
}

/** Neither ended nor being deleted: what a controller counts as a replica. */
export function isPodActive(pod: Pod): boolean {
  const phase = pod.status?.phase;
  return phase !== 'Succeeded' && phase !== 'Failed' && pod.metadata.deletionTimestamp === undefined;
}

export function isPodTerminal(pod: Pod): boolean {
  const phase = pod.status?.phase;
  return phase === 'Succeeded' || phase === 'Failed';
}

/** Virtual milliseconds until a ready Pod counts as available: 0 if it does, undefined if it is not ready. */
export function msUntilAvailable(pod: Pod, minReadySeconds: number, clock: WallClock, nowMs: number): number | undefined {
  const ready = podCondition(pod, 'Ready');
  if (ready?.status !== 'True') return undefined;
  if (minReadySeconds === 0) return 0;
  if (!ready.lastTransitionTime) return undefined;
  return Math.max(0, clock.virtualMs(ready.lastTransitionTime) + minReadySeconds * 1000 - nowMs);
}
