/** What becomes of a claim: syncClaim of pv_controller.go. */
import { persistentVolumeClaims, claimClass } from '../../../api/core/persistent-volume-claim.ts';
import { betaClassAnnotation } from '../../../api/core/persistent-volume-claim-validation.ts';
import { volumeClass } from '../../../api/core/persistent-volume.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../api/generated/types.ts';
import {
  annotate,
  betaStorageProvisioner,
  bindCompleted,
  defaultClass,
  findMatchingVolume,
  hasAccessModes,
  hasAnnotation,
  hasSameMode,
  isBoundTo,
  isLargeEnough,
  selectedNode,
  storageProvisioner,
  waitsForPod,
} from '../../../api/storage/volume-binding.ts';
import type { Call } from '../../../kernel/index.ts';
import { isPodTerminal } from '../pod-state.ts';
import type { BinderParts } from './parts.ts';
import { provisionerOf } from './provisioning.ts';

/** Why a volume that a claim names cannot be had: checkVolumeSatisfyClaim. */
function mismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (volume.metadata.deletionTimestamp) return `the volume is marked for deletion "${volume.metadata.name}"`;
  if (!isLargeEnough(volume, claim)) return 'requested PV is too small';
  if (volumeClass(volume) !== claimClass(claim)) return 'storageClassName does not match';
  if (!hasSameMode(volume, claim)) return 'incompatible volumeMode';
  return hasAccessModes(volume, claim) ? undefined : 'incompatible accessMode';
}

export function* syncClaim(parts: BinderParts, claim: PersistentVolumeClaim): Call<void> {
  if (hasAnnotation(claim, bindCompleted)) yield* syncBoundClaim(parts, claim);
  else if (claim.spec.volumeName) yield* syncNamedVolume(parts, claim, claim.spec.volumeName);
  else yield* syncUnboundClaim(parts, claim);
}

function* syncBoundClaim({ binding, volumes }: BinderParts, claim: PersistentVolumeClaim): Call<void> {
  const { volumeName } = claim.spec;
  const lose = (message: string): Call<void> => binding.loseClaim(claim, { reason: 'ClaimLost', message });
  if (!volumeName) return yield* lose('Bound claim has lost reference to PersistentVolume. Data on the volume is lost!');
  const volume = volumes.get(volumeName);
  if (!volume) return yield* lose('Bound claim has lost its PersistentVolume. Data on the volume is lost!');
  const { claimRef } = volume.spec;
  if (claimRef === undefined || claimRef.uid === claim.metadata.uid) return yield* binding.bind(volume, claim);
  const message = 'Two claims are bound to the same volume, this one is bound incorrectly';
  yield* binding.loseClaim(claim, { reason: 'ClaimMisbound', message });
}

/** The user asked for one volume and no other. */
function* syncNamedVolume({ binding, volumes, recorder }: BinderParts, claim: PersistentVolumeClaim, name: string): Call<void> {
  const volume = volumes.get(name);
  if (volume?.spec.claimRef && isBoundTo(volume, claim)) return yield* binding.bind(volume, claim);
  if (volume?.spec.claimRef) recorder.warning(claim, 'FailedBinding', `volume "${name}" already bound to a different claim.`);
  else if (volume) {
    const reason = mismatch(volume, claim);
    if (reason === undefined) return yield* binding.bind(volume, claim);
    recorder.warning(claim, 'VolumeMismatch', `Cannot bind to requested volume "${name}": ${reason}`);
  }
  yield* binding.setClaimPhase(claim, 'Pending');
}

function* syncUnboundClaim(parts: BinderParts, claim: PersistentVolumeClaim): Call<void> {
  const { binding, classes, client, recorder } = parts;
  const name = claimClass(claim);
  const waits = name !== '' && waitsForPod(classes.get(name));
  const volume = findMatchingVolume(claim, parts.candidates(claim), { waits });
  if (volume) return yield* binding.bind(volume, claim);
  const hasClass = hasAnnotation(claim, betaClassAnnotation) || claim.spec.storageClassName !== undefined;
  const fallback = hasClass ? undefined : defaultClass(classes.values());
  if (fallback) {
    const spec = { ...claim.spec, storageClassName: fallback.metadata.name };
    yield* client.update(persistentVolumeClaims, { ...claim, spec });
    return;
  }
  if (waits && !hasAnnotation(claim, selectedNode)) tellWaiting(parts, claim);
  else if (name !== '') return yield* provision(parts, claim, name);
  else recorder.normal(claim, 'FailedBinding', 'no persistent volumes available for this claim and no storage class is set');
  yield* binding.setClaimPhase(claim, 'Pending');
}

function tellWaiting({ pods, recorder }: BinderParts, claim: PersistentVolumeClaim): void {
  const waiting = podsThatWait(pods(claim));
  if (waiting.length === 0) recorder.normal(claim, 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
  else
    recorder.normal(claim, 'WaitForPodScheduled', `waiting for pod${waiting.length > 1 ? 's' : ''} ${waiting.join(',')} to be scheduled`);
}

const podsThatWait = (pods: readonly Pod[]): string[] =>
  pods.filter((pod) => !pod.spec.nodeName && !isPodTerminal(pod)).map(({ metadata }) => metadata.name);

/** Says on the claim who is to make its volume, and waits for one that names the claim. */
function* provision({ classes, client, recorder }: BinderParts, claim: PersistentVolumeClaim, className: string): Call<void> {
  const storageClass = classes.get(className);
  const chosen = storageClass ? provisionerOf(storageClass) : { error: `storageclass.storage.k8s.io "${className}" not found` };
  if ('error' in chosen) return recorder.warning(claim, 'ProvisioningFailed', chosen.error);
  let next = annotate(annotate(claim, betaStorageProvisioner, chosen.name), storageProvisioner, chosen.name);
  if (next !== claim) next = yield* client.update(persistentVolumeClaims, next);
  recorder.normal(
    next,
    'ExternalProvisioning',
    `Waiting for a volume to be created either by the external provisioner '${chosen.name}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`,
  );
}
