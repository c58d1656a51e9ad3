/**
 * Makes the claims of generic ephemeral volumes, which belong to their Pod and go with it (pkg/controller/volume/ephemeral).
 * A claim of that name that belongs to somebody else is never used.
 */
import { persistentVolumeClaims } from '../../../api/core/persistent-volume-claim.ts';
import { pods } from '../../../api/core/pod.ts';
import type { PersistentVolumeClaim, Pod, Volume } from '../../../api/generated/types.ts';
import { claimNameOf, foreignClaim } from '../../../api/storage/volume-binding.ts';
import type { Call } from '../../../kernel/index.ts';
import type { Draft } from '../../../machinery/objects.ts';
import { StatusError } from '../../../machinery/status-error.ts';
import type { Controller } from '../controller.ts';
import { newControllerRef } from '../controller-ref.ts';
import { isPodTerminal } from '../pod-state.ts';

const isEphemeral = ({ ephemeral }: Volume): boolean => ephemeral !== undefined;
const lacksClaims = (pod: Pod): boolean => !pod.metadata.deletionTimestamp && !isPodTerminal(pod);

function claimFor(pod: Pod, volume: Volume): Draft<PersistentVolumeClaim> {
  const { metadata, spec } = volume.ephemeral!.volumeClaimTemplate!;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: claimNameOf(pod, volume),
      namespace: pod.metadata.namespace,
      labels: metadata?.labels,
      annotations: metadata?.annotations,
      ownerReferences: [newControllerRef(pod, pods)],
    },
    spec,
  };
}

export const ephemeralVolumeController: Controller = {
  name: 'ephemeral-volume-controller',
  start(context) {
    const client = context.client('ephemeral-volume-controller');
    const recorder = context.recorder(client, 'ephemeral_volume');
    const podInformer = context.informers.for(pods);
    const claims = context.informers.for(persistentVolumeClaims);
    const queue = context.queue({ name: 'ephemeral-volume', reconcile });
    podInformer.onChange(({ type, object }) => {
      if (type === 'ADDED' && object.spec.volumes?.some(isEphemeral) && lacksClaims(object)) queue.add(object.metadata.uid);
    });
    claims.onChange(({ type, object }) => {
      const owner = type === 'DELETED' ? object.metadata.ownerReferences?.find(({ kind }) => kind === 'Pod') : undefined;
      if (owner) queue.add(owner.uid);
    });

    function* reconcile(uid: string): Call<void> {
      const pod = podInformer.byUID(uid);
      if (!pod || !lacksClaims(pod)) return;
      for (const volume of pod.spec.volumes ?? []) if (volume.ephemeral) yield* makeClaim(pod, volume);
    }

    function* makeClaim(pod: Pod, volume: Volume): Call<void> {
      const draft = claimFor(pod, volume);
      const known = claims.get(draft.metadata.name!, pod.metadata.namespace);
      if (known) {
        const foreign = foreignClaim(known, pod);
        if (foreign !== undefined) recorder.warning(pod, 'FailedBinding', `ephemeral volume ${volume.name}: ${foreign}`);
        return;
      }
      try {
        yield* client.create(persistentVolumeClaims, draft);
      } catch (error) {
        if (error instanceof StatusError)
          recorder.warning(pod, 'FailedBinding', `ephemeral volume ${volume.name}: create PVC ${draft.metadata.name}: ${error.message}`);
        throw error;
      }
    }
  },
};
