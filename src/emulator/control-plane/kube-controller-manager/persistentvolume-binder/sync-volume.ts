/** What becomes of a volume: syncVolume and reclaimVolume of pv_controller.go. */
import { persistentVolumeClaims } from '../../../api/core/persistent-volume-claim.ts';
import { persistentVolumes } from '../../../api/core/persistent-volume.ts';
import type { ObjectReference, PersistentVolume, PersistentVolumeClaim } from '../../../api/generated/types.ts';
import { hasAnnotation, hasSameMode, provisionedBy } from '../../../api/storage/volume-binding.ts';
import type { Call } from '../../../kernel/index.ts';
import { isNotFound } from '../../../machinery/status-error.ts';
import type { BinderParts } from './parts.ts';
import { deletionOf } from './provisioning.ts';

export function* syncVolume(parts: BinderParts, volume: PersistentVolume): Call<void> {
  const { claimRef } = volume.spec;
  if (!claimRef?.uid) {
    yield* parts.binding.setVolumePhase(volume, 'Available');
    return;
  }
  const claim = yield* claimOf(parts, claimRef);
  if (!claim) yield* release(parts, volume);
  else if (!claim.spec.volumeName) tellClaim(parts, volume, claim);
  else if (claim.spec.volumeName === volume.metadata.name) yield* parts.binding.setVolumePhase(volume, 'Bound');
  else if (hasAnnotation(volume, provisionedBy) && volume.spec.persistentVolumeReclaimPolicy === 'Delete') yield* release(parts, volume);
  else yield* parts.binding.unbind(volume);
}

/** The claim of a volume; the server is asked before a volume is taken for abandoned, since a cache may lag behind. */
function* claimOf(
  { claims, client }: BinderParts,
  { namespace, name = '', uid }: ObjectReference,
): Call<PersistentVolumeClaim | undefined> {
  const known = claims.get(name, namespace);
  if (known?.metadata.uid === uid) return known;
  try {
    const fresh = yield* client.get(persistentVolumeClaims, { namespace, name });
    return fresh.metadata.uid === uid ? fresh : undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** The claim has yet to learn of its volume. */
function tellClaim({ recorder, enqueueClaim }: BinderParts, volume: PersistentVolume, claim: PersistentVolumeClaim): void {
  if (hasSameMode(volume, claim)) return enqueueClaim(claim);
  recorder.warning(
    volume,
    'VolumeMismatch',
    `Cannot bind PersistentVolume to requested PersistentVolumeClaim "${claim.metadata.name}" due to incompatible volumeMode.`,
  );
  recorder.warning(
    claim,
    'VolumeMismatch',
    `Cannot bind PersistentVolume "${volume.metadata.name}" to requested PersistentVolumeClaim due to incompatible volumeMode.`,
  );
}

/** Its claim is gone. What has failed stays so, for the user to see. */
function* release({ binding, client }: BinderParts, before: PersistentVolume): Call<void> {
  const hasEnded = before.status?.phase === 'Released' || before.status?.phase === 'Failed';
  const volume = hasEnded ? before : yield* binding.setVolumePhase(before, 'Released');
  const { persistentVolumeReclaimPolicy: policy } = volume.spec;
  if (policy === 'Recycle') {
    // Differs from Kubernetes: no Pod empties a volume whose policy is Recycle; it fails, as one without a recycler does.
    yield* binding.failVolume(volume, { reason: 'VolumeFailedRecycle', message: 'No recycler plugin found for the volume!' });
    return;
  }
  if (policy !== 'Delete') return;
  const deletion = deletionOf(volume);
  if ('error' in deletion) yield* binding.failVolume(volume, { reason: 'VolumeFailedDelete', message: deletion.error });
  else if (deletion.by === 'controller' && !volume.metadata.deletionTimestamp) yield* client.delete(persistentVolumes, volume.metadata);
}
