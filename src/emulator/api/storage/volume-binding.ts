/**
 * How claims and volumes find each other: what the volume controller, the scheduler and provisioners share
 * (component-helpers/storage/volume).
 */
import { selectorFromObject } from '../../machinery/labels.ts';
import { compareQuantities, parseQuantity } from '../../machinery/quantity.ts';
import { matchesTerm } from '../core/node-selector.ts';
import { claimClass } from '../core/persistent-volume-claim.ts';
import { volumeClass } from '../core/persistent-volume.ts';
import type { Node, ObjectReference, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass, Volume } from '../generated/types.ts';
import { isDefaultClass } from './storage-class.ts';

/** The claim's binding is complete; whoever sees it no longer looks for another volume. */
export const bindCompleted = 'pv.kubernetes.io/bind-completed';
/** The controller chose, not the user: it may take the choice back. */
export const boundByController = 'pv.kubernetes.io/bound-by-controller';
/** Who made a volume. */
export const provisionedBy = 'pv.kubernetes.io/provisioned-by';
/** Who is asked to make a volume for a claim. */
export const storageProvisioner = 'volume.kubernetes.io/storage-provisioner';
/** The same, for provisioners of old. */
export const betaStorageProvisioner = 'volume.beta.kubernetes.io/storage-provisioner';
/** The node that the scheduler chose for the first Pod of a claim that waits for one. */
export const selectedNode = 'volume.kubernetes.io/selected-node';

export const hasAnnotation = ({ metadata }: PersistentVolumeClaim | PersistentVolume, name: string): boolean =>
  metadata.annotations?.[name] !== undefined;

/** With an annotation set, or the same object where it has it. */
export function annotate<T extends PersistentVolumeClaim | PersistentVolume>(object: T, name: string, value: string): T {
  if (object.metadata.annotations?.[name] === value) return object;
  return { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [name]: value } } };
}

/** How much a claim asks for. */
export const claimSize = ({ spec }: PersistentVolumeClaim): string => spec.resources?.requests?.storage ?? '0';

/** The name of the claim behind a Pod's volume: given, or made of both names for a claim that is the Pod's own. */
export function claimNameOf({ metadata }: Pod, { name, persistentVolumeClaim, ephemeral }: Volume): string | undefined {
  return persistentVolumeClaim?.claimName ?? (ephemeral && `${metadata.name}-${name}`);
}

/** Why a claim cannot be a Pod's own ephemeral volume, undefined if it is (component-helpers/storage/ephemeral, VolumeIsForPod). */
export function foreignClaim({ metadata: claim }: PersistentVolumeClaim, { metadata: pod }: Pod): string | undefined {
  if (claim.ownerReferences?.some(({ uid, controller }) => controller && uid === pod.uid)) return undefined;
  return `PVC ${claim.namespace}/${claim.name} was not created for pod ${pod.namespace}/${pod.name} (pod is not owner)`;
}

/** Index function: volumes that anyone may have, by class. */
export const freeByClass = (volume: PersistentVolume): string | undefined =>
  volume.status?.phase === 'Available' && !volume.spec.claimRef ? volumeClass(volume) : undefined;

/** Index function: volumes by the name of the claim that they are for. */
export const byClaimName = ({ spec }: PersistentVolume): string | undefined => spec.claimRef?.name;

/** Whether a volume's claimRef names the claim; one without a UID was written by a user beforehand. */
export function isBoundTo({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const { claimRef } = spec;
  if (claimRef?.name !== metadata.name || claimRef.namespace !== metadata.namespace) return false;
  return !claimRef.uid || claimRef.uid === metadata.uid;
}

/** CheckAccessModes: whether the volume offers all modes that the claim asks for. */
export const hasAccessModes = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  (claim.spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode));

export const hasSameMode = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  (volume.spec.volumeMode ?? 'Filesystem') === (claim.spec.volumeMode ?? 'Filesystem');

export function isLargeEnough({ spec }: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return compareQuantities(parseQuantity(spec.capacity?.storage ?? '0'), parseQuantity(claimSize(claim))) >= 0;
}

/** CheckNodeAffinity: whether a volume can be used on a node. */
export function isReachableFrom({ spec }: PersistentVolume, node: Node): boolean {
  const required = spec.nodeAffinity?.required;
  return required === undefined || required.nodeSelectorTerms.some((term) => matchesTerm(term, node));
}

export interface MatchOptions {
  /** The scheduler's node; without one only what needs no node is found. */
  readonly node?: Node | undefined;
  /** Whether the claim waits for its first Pod: then only a volume that names it is found without a node. */
  readonly waits?: boolean;
  /** Names of volumes that are taken already. */
  readonly taken?: ReadonlySet<string>;
}

/** Whether a volume that nobody has claimed would do, its size apart. */
function suits(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  if (volume.status?.phase !== 'Available' || volumeClass(volume) !== claimClass(claim)) return false;
  if (claim.spec.selector && !selectorFromObject(claim.spec.selector).matches(volume.metadata.labels)) return false;
  return (volume.spec.volumeAttributesClassName ?? '') === (claim.spec.volumeAttributesClassName ?? '') && hasAccessModes(volume, claim);
}

/**
 * FindMatchingVolume: the volume that names the claim; else the smallest that is large enough. Of volumes alike, the one
 * with the fewest access modes to spare, as the controller's index by access modes has it.
 */
export function findMatchingVolume(
  claim: PersistentVolumeClaim,
  candidates: Iterable<PersistentVolume>,
  { node, waits = false, taken }: MatchOptions = {},
): PersistentVolume | undefined {
  let best: PersistentVolume | undefined;
  for (const volume of candidates) {
    const isMine = isBoundTo(volume, claim);
    if (taken?.has(volume.metadata.name) || (volume.spec.claimRef && !isMine)) continue;
    if (volume.metadata.deletionTimestamp || !isLargeEnough(volume, claim) || !hasSameMode(volume, claim)) continue;
    const isReachable = node === undefined || isReachableFrom(volume, node);
    if (isMine) return isReachable ? volume : undefined;
    if ((waits && node === undefined) || !isReachable || !suits(volume, claim)) continue;
    if (best === undefined || isBetter(volume, best, node === undefined)) best = volume;
  }
  return best;
}

function isBetter(a: PersistentVolume, b: PersistentVolume, byModes: boolean): boolean {
  const spare = byModes ? (a.spec.accessModes?.length ?? 0) - (b.spec.accessModes?.length ?? 0) : 0;
  if (spare !== 0) return spare < 0;
  return compareQuantities(parseQuantity(a.spec.capacity?.storage ?? '0'), parseQuantity(b.spec.capacity?.storage ?? '0')) < 0;
}

/** What a volume's claimRef holds. */
export function referenceTo({ metadata }: PersistentVolumeClaim): ObjectReference {
  const { namespace, name, uid, resourceVersion } = metadata;
  return { kind: 'PersistentVolumeClaim', namespace, name, uid, apiVersion: 'v1', resourceVersion };
}

/** GetBindVolumeToClaim: the volume with the claim's reference, or the same object where it has it. */
export function bindVolumeToClaim(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume {
  const mayTakeBack = !isBoundTo(volume, claim);
  const { claimRef } = volume.spec;
  if (claimRef?.uid === claim.metadata.uid && !mayTakeBack) return volume;
  const bound = { ...volume, spec: { ...volume.spec, claimRef: referenceTo(claim) } };
  return mayTakeBack ? annotate(bound, boundByController, 'yes') : bound;
}

/** GetDefaultClass: the youngest of the default classes, of two alike the first by name. */
export function defaultClass(classes: Iterable<StorageClass>): StorageClass | undefined {
  let found: StorageClass | undefined;
  for (const one of classes) {
    if (!isDefaultClass(one)) continue;
    const isYounger = !found || one.metadata.creationTimestamp > found.metadata.creationTimestamp;
    const isFirst = found?.metadata.creationTimestamp === one.metadata.creationTimestamp && one.metadata.name < found.metadata.name;
    if (isYounger || isFirst) found = one;
  }
  return found;
}

/** Whether a claim is bound only once a Pod that uses it is placed: IsDelayBindingMode. */
export const waitsForPod = (storageClass: StorageClass | undefined): boolean => storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
