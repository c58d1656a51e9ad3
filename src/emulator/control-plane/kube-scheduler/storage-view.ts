/**
 * What the scheduler knows of storage: claims, volumes, classes and the drivers of nodes, and which volumes it has promised
 * to Pods that are being bound (pkg/scheduler/framework/plugins/volumebinding, the assume caches).
 */
import { claimClass, persistentVolumeClaims } from '../../api/core/persistent-volume-claim.ts';
import { persistentVolumes } from '../../api/core/persistent-volume.ts';
import type { CSINode, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '../../api/generated/types.ts';
import { csiNodes } from '../../api/storage/csi-node.ts';
import { storageClasses } from '../../api/storage/storage-class.ts';
import { byClaimName, claimNameOf, freeByClass, isBoundTo } from '../../api/storage/volume-binding.ts';
import type { Change, Index, Informer, InformerFactory } from '../../client/index.ts';
import type { ApiObject } from '../../machinery/objects.ts';
import type { ClusterEvent } from './events.ts';

/** A volume of a Pod that stands for a claim. */
export interface ClaimUse {
  readonly name: string;
  readonly isEphemeral: boolean;
}

const none: readonly ClaimUse[] = [];

/** Several plugins ask one after the other about the Pod that is being placed. */
let lastAsked: { readonly pod: Pod; readonly uses: readonly ClaimUse[] } | undefined;

/** The claims that a Pod uses; for most Pods none, at the price of a glance at each volume. */
export function claimsOf(pod: Pod): readonly ClaimUse[] {
  if (lastAsked?.pod !== pod) lastAsked = { pod, uses: findClaims(pod) };
  return lastAsked.uses;
}

function findClaims(pod: Pod): readonly ClaimUse[] {
  let uses: ClaimUse[] | undefined;
  for (const volume of pod.spec.volumes ?? []) {
    const name = claimNameOf(pod, volume);
    if (name !== undefined) (uses ??= []).push({ name, isEphemeral: volume.ephemeral !== undefined });
  }
  return uses ?? none;
}

/** Whether a Pod uses this claim. */
export const usesClaim = (pod: Pod, { metadata }: PersistentVolumeClaim): boolean =>
  metadata.namespace === pod.metadata.namespace && claimsOf(pod).some(({ name }) => name === metadata.name);

export class StorageView {
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly classes: Informer<StorageClass>;
  readonly nodes: Informer<CSINode>;
  /** Names of volumes that are promised to claims, by the UID of the claim. */
  readonly promised = new Map<string, string>();
  readonly #free: Index<PersistentVolume>;
  readonly #named: Index<PersistentVolume>;

  constructor(informers: InformerFactory, happened: (event: ClusterEvent) => void) {
    this.claims = informers.for(persistentVolumeClaims);
    this.volumes = informers.for(persistentVolumes);
    this.classes = informers.for(storageClasses);
    this.nodes = informers.for(csiNodes);
    this.#free = this.volumes.index(freeByClass);
    this.#named = this.volumes.index(byClaimName);
    const tell =
      (resource: 'PersistentVolumeClaim' | 'PersistentVolume' | 'StorageClass' | 'CSINode') =>
      ({ type, object, previous }: Change<ApiObject>): void => {
        if (type === 'DELETED') happened({ kind: `${resource}/Delete`, before: object, after: undefined });
        else happened({ kind: previous ? `${resource}/Update` : `${resource}/Add`, before: previous, after: object });
      };
    this.claims.onChange(tell('PersistentVolumeClaim'));
    this.volumes.onChange(tell('PersistentVolume'));
    this.classes.onChange(tell('StorageClass'));
    this.nodes.onChange(tell('CSINode'));
  }

  claim(pod: Pod, { name }: ClaimUse): PersistentVolumeClaim | undefined {
    return this.claims.get(name, pod.metadata.namespace);
  }

  /** Volumes that a claim might get. */
  *candidates(claim: PersistentVolumeClaim): Iterable<PersistentVolume> {
    for (const volume of this.#named.get(claim.metadata.name).values()) if (isBoundTo(volume, claim)) yield volume;
    yield* this.#free.get(claimClass(claim)).values();
  }

  /** The volumes that the Pod's claims are bound to. */
  boundVolumes(pod: Pod): readonly PersistentVolume[] {
    return claimsOf(pod).flatMap((use) => {
      const name = this.claim(pod, use)?.spec.volumeName;
      return (name && this.volumes.get(name)) || [];
    });
  }
}
