/** How a Deployment moves Pods from old ReplicaSets to the new one (pkg/controller/deployment/{rolling,recreate,sync}.go). */
import type { ReplicaSet } from '../../../api/generated/types.ts';
import type { Call } from '../../../kernel/index.ts';
import {
  isActive,
  isRollingUpdate,
  isSaturated,
  maxSurge,
  maxUnavailable,
  newReplicaSetSize,
  olderFirst,
  proportionOf,
  replicasOf,
  sumAvailable,
  sumReplicas,
} from './arithmetic.ts';
import type { Rollout } from './rollout.ts';

/** One step of a rolling update: first the new ReplicaSet grows as far as surge allows, then the old ones shrink. */
export function* stepRollingUpdate(rollout: Rollout): Call<void> {
  if (yield* growNew(rollout)) return;
  yield* shrinkOld(rollout);
}

function* growNew(rollout: Rollout): Call<boolean> {
  const { d, newRS } = rollout;
  if (!newRS || replicasOf(newRS) === replicasOf(d)) return false;
  const size = replicasOf(newRS) > replicasOf(d) ? replicasOf(d) : newReplicaSetSize(d, rollout.all, newRS);
  return yield* rollout.scale(newRS, size);
}

function* shrinkOld(rollout: Rollout): Call<boolean> {
  const { d, newRS } = rollout;
  if (sumReplicas(rollout.old) === 0) return false;
  const minAvailable = replicasOf(d) - maxUnavailable(d);
  const newUnavailable = newRS ? replicasOf(newRS) - (newRS.status?.availableReplicas ?? 0) : 0;
  const most = sumReplicas(rollout.all) - minAvailable - newUnavailable;
  if (most <= 0) return false;
  const cleaned = yield* removeUnhealthy(rollout, most);
  const scaled = yield* removeAvailable(rollout, minAvailable);
  return cleaned + scaled > 0;
}

/** Pods of old ReplicaSets that are not available are of no use, and go first. */
function* removeUnhealthy(rollout: Rollout, most: number): Call<number> {
  let total = 0;
  for (const rs of [...rollout.old].sort(olderFirst)) {
    if (total >= most) break;
    const unhealthy = replicasOf(rs) - (rs.status?.availableReplicas ?? 0);
    if (replicasOf(rs) === 0 || unhealthy <= 0) continue;
    const count = Math.min(most - total, unhealthy);
    yield* rollout.scale(rs, replicasOf(rs) - count);
    total += count;
  }
  return total;
}

function* removeAvailable(rollout: Rollout, minAvailable: number): Call<number> {
  const available = sumAvailable(rollout.all);
  if (available <= minAvailable) return 0;
  const most = available - minAvailable;
  let total = 0;
  for (const rs of [...rollout.old].sort(olderFirst)) {
    if (total >= most) break;
    if (replicasOf(rs) === 0) continue;
    const count = Math.min(replicasOf(rs), most - total);
    yield* rollout.scale(rs, replicasOf(rs) - count);
    total += count;
  }
  return total;
}

/** Scales all old ReplicaSets to nothing. True if any was not there yet. */
export function* removeOld(rollout: Rollout): Call<boolean> {
  let any = false;
  for (const rs of rollout.old) {
    if (replicasOf(rs) === 0) continue;
    if (yield* rollout.scale(rs, 0)) any = true;
  }
  return any;
}

/** Follows a change of spec.replicas, also in the middle of a rollout and while it is paused: sizes keep their proportions. */
export function* scaleDeployment(rollout: Rollout): Call<void> {
  const { d, newRS, old } = rollout;
  const only = activeOrLatest(newRS, old);
  if (only) {
    if (replicasOf(only) !== replicasOf(d)) yield* rollout.scale(only, replicasOf(d));
    return;
  }
  if (isSaturated(d, newRS)) {
    yield* removeOld(rollout);
    return;
  }
  if (!isRollingUpdate(d)) return;
  const active = rollout.all.filter(isActive);
  const most = replicasOf(d) > 0 ? replicasOf(d) + maxSurge(d) : 0;
  const toAdd = most - sumReplicas(active);
  const bySize = active.sort((a, b) => replicasOf(b) - replicasOf(a) || (toAdd > 0 ? olderFirst(b, a) : olderFirst(a, b)));
  let added = 0;
  const sizes = bySize.map((rs) => {
    const share = toAdd === 0 ? 0 : proportionOf(rs, d, toAdd, added);
    added += share;
    return replicasOf(rs) + share;
  });
  // What rounding left over goes to the largest.
  if (sizes.length > 0) sizes[0] = Math.max(0, sizes[0]! + toAdd - added);
  for (let i = 0; i < bySize.length; i++) yield* rollout.scale(bySize[i]!, sizes[i]!);
}

/** The only ReplicaSet with replicas; without any, the newest. Undefined when several have some. */
function activeOrLatest(newRS: ReplicaSet | undefined, old: readonly ReplicaSet[]): ReplicaSet | undefined {
  const active = (newRS ? [...old, newRS] : old).filter(isActive);
  if (active.length > 1) return undefined;
  return active[0] ?? newRS ?? [...old].sort((a, b) => olderFirst(b, a))[0];
}
