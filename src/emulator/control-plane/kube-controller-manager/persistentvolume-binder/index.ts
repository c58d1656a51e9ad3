/**
 * The controller of persistent volumes (pkg/controller/volume/persistentvolume): brings claims and volumes together, says
 * who is to make a volume where none fits, and reclaims volumes whose claims are gone.
 *
 * - Claims and volumes are worked on one after the other by one worker, so that two claims do not fight over a volume.
 * - Claims that wait are looked at again every 15 s, as background work. A volume that comes free, or a class, lets them be
 *   looked at in the foreground at the same instant, so that a cluster is not settled while something can still be bound.
 *
 * Deliberately absent: the making of volumes itself, which every provisioner does outside; attaching, which no volume of
 * this cluster needs.
 */
import { persistentVolumeClaims, claimClass } from '../../../api/core/persistent-volume-claim.ts';
import { persistentVolumes } from '../../../api/core/persistent-volume.ts';
import { pods } from '../../../api/core/pod.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../../api/generated/types.ts';
import { storageClasses } from '../../../api/storage/storage-class.ts';
import { bindCompleted, byClaimName, freeByClass, hasAnnotation, isBoundTo } from '../../../api/storage/volume-binding.ts';
import type { Change } from '../../../client/index.ts';
import type { Call } from '../../../kernel/index.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { podsOfClaim } from '../pod-claims.ts';
import { Binding } from './binding.ts';
import type { BinderParts } from './parts.ts';
import { syncClaim } from './sync-claim.ts';
import { syncVolume } from './sync-volume.ts';

/** --pvclaimbinder-sync-period. */
const resyncMs = 15_000;

/** Claims that are not bound yet. */
const waiting = (claim: PersistentVolumeClaim): string | undefined => (hasAnnotation(claim, bindCompleted) ? undefined : 'waiting');
/** Volumes that still have to be reclaimed. */
const released = ({ status }: PersistentVolume): string | undefined =>
  status?.phase === 'Released' || status?.phase === 'Failed' ? 'released' : undefined;

export const persistentVolumeBinder: Controller = {
  name: 'persistentvolume-binder-controller',
  start(context) {
    new PersistentVolumeBinder(context);
  },
};

class PersistentVolumeBinder {
  readonly #parts: BinderParts;

  constructor(context: ControllerContext) {
    const { informers, kernel } = context;
    const client = context.client('persistent-volume-binder');
    const recorder = context.recorder(client, 'persistentvolume-controller');
    const claims = informers.for(persistentVolumeClaims);
    const volumes = informers.for(persistentVolumes);
    const classes = informers.for(storageClasses);
    const [free, named] = [volumes.index(freeByClass), volumes.index(byClaimName)];
    const [waitingClaims, releasedVolumes] = [claims.index(waiting), volumes.index(released)];
    const usedBy = podsOfClaim(informers.for(pods));
    const queue = context.queue({ name: 'persistentvolume-binder', reconcile: (uid: string) => this.#reconcile(uid), workers: 1 });
    this.#parts = {
      client,
      recorder,
      binding: new Binding(client, recorder),
      claims,
      volumes,
      classes,
      *candidates(claim) {
        for (const volume of named.get(claim.metadata.name).values()) if (isBoundTo(volume, claim)) yield volume;
        yield* free.get(claimClass(claim)).values();
      },
      pods: usedBy,
      enqueueClaim: ({ metadata }) => queue.add(metadata.uid),
    };
    const resyncAt = (): number => resyncMs - (kernel.loop.now % resyncMs);
    const resync = (background: boolean): void => {
      for (const { metadata } of waitingClaims.get('waiting').values()) queue.addAfter(metadata.uid, resyncAt(), background);
    };
    claims.onChange(({ type, object }) => {
      if (type !== 'DELETED') queue.add(object.metadata.uid);
      for (const { metadata, spec } of named.get(object.metadata.name).values())
        if (type === 'DELETED' && spec.claimRef?.uid === object.metadata.uid) queue.add(metadata.uid);
    });
    volumes.onChange((change) => {
      if (change.type !== 'DELETED') queue.add(change.object.metadata.uid);
      const { claimRef } = change.object.spec;
      const claim = claimRef?.name === undefined ? undefined : claims.get(claimRef.name, claimRef.namespace);
      if (claim) queue.add(claim.metadata.uid);
      if (cameFree(change)) resync(false);
    });
    classes.onChange(({ type }) => type !== 'DELETED' && resync(false));
    context.every(resyncMs, function* () {
      for (const { metadata } of waitingClaims.get('waiting').values()) queue.add(metadata.uid);
      for (const { metadata } of releasedVolumes.get('released').values()) queue.add(metadata.uid);
    });
  }

  *#reconcile(uid: string): Call<void> {
    const { claims, volumes } = this.#parts;
    const claim = claims.byUID(uid);
    if (claim) return yield* syncClaim(this.#parts, claim);
    const volume = volumes.byUID(uid);
    if (volume) yield* syncVolume(this.#parts, volume);
  }
}

/** Whether others may have the volume now, who could not have it before. */
function cameFree({ type, object, previous }: Change<PersistentVolume>): boolean {
  return type !== 'DELETED' && freeByClass(object) !== undefined && (!previous || freeByClass(previous) === undefined);
}
