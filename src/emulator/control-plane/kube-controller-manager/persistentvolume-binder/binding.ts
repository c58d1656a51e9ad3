/** The writes by which a claim and a volume become one: bind and unbind, and the phases of both. */
import { persistentVolumeClaims } from '../../../api/core/persistent-volume-claim.ts';
import { persistentVolumes } from '../../../api/core/persistent-volume.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../../api/generated/types.ts';
import { annotate, bindCompleted, bindVolumeToClaim, boundByController, hasAnnotation } from '../../../api/storage/volume-binding.ts';
import type { Client, EventRecorder } from '../../../client/index.ts';
import type { Call } from '../../../kernel/index.ts';
import { semanticEqual } from '../../../machinery/equality.ts';

/** An event about a change of phase. */
export interface PhaseEvent {
  readonly reason: string;
  readonly message: string;
}

export class Binding {
  readonly #client: Client;
  readonly #recorder: EventRecorder;

  constructor(client: Client, recorder: EventRecorder) {
    this.#client = client;
    this.#recorder = recorder;
  }

  /** The volume is written first, so that a claim is never bound to a volume that another one has. */
  *bind(volume: PersistentVolume, claim: PersistentVolumeClaim): Call<void> {
    let bound = bindVolumeToClaim(volume, claim);
    if (bound !== volume) bound = yield* this.#client.update(persistentVolumes, bound);
    bound = yield* this.setVolumePhase(bound, 'Bound');
    let next = annotate(claim, bindCompleted, 'yes');
    if (claim.spec.volumeName !== bound.metadata.name) {
      next = { ...next, spec: { ...next.spec, volumeName: bound.metadata.name } };
      if (!hasAnnotation(claim, boundByController)) next = annotate(next, boundByController, 'yes');
    }
    if (next !== claim) next = yield* this.#client.update(persistentVolumeClaims, next);
    yield* this.setClaimPhase(next, 'Bound', bound);
  }

  /** Takes back what the controller decided; what a user wrote beforehand keeps its name and loses its UID. */
  *unbind(volume: PersistentVolume): Call<void> {
    const { [boundByController]: mark, ...annotations } = volume.metadata.annotations ?? {};
    const claimRef = mark === undefined && volume.spec.claimRef ? { ...volume.spec.claimRef, uid: undefined } : undefined;
    const metadata = { ...volume.metadata, annotations: Object.keys(annotations).length > 0 ? annotations : undefined };
    const next = yield* this.#client.update(persistentVolumes, { ...volume, metadata, spec: { ...volume.spec, claimRef } });
    yield* this.setVolumePhase(next, 'Available');
  }

  *setVolumePhase(volume: PersistentVolume, phase: string, message?: string): Call<PersistentVolume> {
    if (volume.status?.phase === phase) return volume;
    return yield* this.#client.updateStatus(persistentVolumes, { ...volume, status: { ...volume.status, phase, message } });
  }

  /** A failure is told once, when the phase changes. */
  *failVolume(volume: PersistentVolume, { reason, message }: PhaseEvent): Call<void> {
    if (volume.status?.phase === 'Failed') return;
    const next = yield* this.setVolumePhase(volume, 'Failed', message);
    this.#recorder.warning(next, reason, message);
  }

  /** Capacity is taken over when the claim becomes Bound; later it may lag behind the volume's while that grows. */
  *setClaimPhase(claim: PersistentVolumeClaim, phase: string, volume?: PersistentVolume): Call<PersistentVolumeClaim> {
    const isNew = claim.status?.phase !== phase;
    const status = {
      ...claim.status,
      phase,
      accessModes: volume?.spec.accessModes,
      capacity: volume === undefined || isNew ? volume?.spec.capacity : claim.status?.capacity,
    };
    if (semanticEqual(status, claim.status)) return claim;
    return yield* this.#client.updateStatus(persistentVolumeClaims, { ...claim, status });
  }

  *loseClaim(claim: PersistentVolumeClaim, { reason, message }: PhaseEvent): Call<void> {
    if (claim.status?.phase === 'Lost') return;
    const next = yield* this.setClaimPhase(claim, 'Lost');
    this.#recorder.warning(next, reason, message);
  }
}
