/** How the claims of a Pod stand: GetPodVolumeClaims of pkg/scheduler/framework/plugins/volumebinding/binder.go. */
import { claimClass } from '../../../../api/core/persistent-volume-claim.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../../api/generated/types.ts';
import { bindCompleted, foreignClaim, hasAnnotation, waitsForPod } from '../../../../api/storage/volume-binding.ts';
import type { ClaimUse, StorageView } from '../../storage-view.ts';

export interface PodClaims {
  /** The volumes of claims that are bound; undefined for one that vanished. */
  readonly bound: readonly (PersistentVolume | undefined)[];
  /** Claims that wait for this Pod to be placed. */
  readonly waiting: readonly PersistentVolumeClaim[];
  readonly hasUnboundImmediate: boolean;
}

/** Why the Pod cannot be placed anywhere as its claims are. */
export function obstacle(storage: StorageView, pod: Pod, uses: readonly ClaimUse[]): string | undefined {
  for (const use of uses) {
    const claim = storage.claim(pod, use);
    if (!claim)
      return use.isEphemeral
        ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${use.name}"`
        : `persistentvolumeclaim "${use.name}" not found`;
    if (claim.status?.phase === 'Lost')
      return `persistentvolumeclaim "${use.name}" bound to non-existent persistentvolume "${claim.spec.volumeName}"`;
    if (claim.metadata.deletionTimestamp) return `persistentvolumeclaim "${use.name}" is being deleted`;
    const foreign = use.isEphemeral ? foreignClaim(claim, pod) : undefined;
    if (foreign !== undefined) return foreign;
  }
  return undefined;
}

export function sortClaims(storage: StorageView, pod: Pod, uses: readonly ClaimUse[]): PodClaims {
  const bound: (PersistentVolume | undefined)[] = [];
  const waiting: PersistentVolumeClaim[] = [];
  let hasUnboundImmediate = false;
  for (const use of uses) {
    const claim = storage.claim(pod, use)!;
    const { volumeName } = claim.spec;
    if (volumeName && hasAnnotation(claim, bindCompleted)) bound.push(storage.volumes.get(volumeName));
    else if (!volumeName && waitsForPod(storage.classes.get(claimClass(claim)))) waiting.push(claim);
    else hasUnboundImmediate = true;
  }
  return { bound, waiting, hasUnboundImmediate };
}
