/**
 * Keeps a claim that is being deleted until no Pod uses it any more (pkg/controller/volume/pvcprotection). The finalizer
 * stands on every claim from the start (admission plugin StorageObjectInUseProtection).
 *
 * A Pod that was never placed on a node does not hold a claim, and one that has ended does not either.
 */
import { persistentVolumeClaims } from '../../../api/core/persistent-volume-claim.ts';
import { pods } from '../../../api/core/pod.ts';
import type { Pod } from '../../../api/generated/types.ts';
import { claimProtection } from '../../../api/storage/protection.ts';
import type { Call } from '../../../kernel/index.ts';
import type { Controller } from '../controller.ts';
import { claimNamesOf, podsOfClaim } from '../pod-claims.ts';
import { isPodTerminal } from '../pod-state.ts';

const uses = (pod: Pod): boolean => pod.spec.nodeName !== undefined && !isPodTerminal(pod);

export const persistentVolumeClaimProtection: Controller = {
  name: 'persistentvolumeclaim-protection-controller',
  start(context) {
    const client = context.client('pvc-protection-controller');
    const claims = context.informers.for(persistentVolumeClaims);
    const podInformer = context.informers.for(pods);
    const usedBy = podsOfClaim(podInformer);
    const queue = context.queue({ name: 'persistentvolumeclaim-protection', reconcile });
    claims.onChange(({ type, object }) => {
      const { uid, deletionTimestamp, finalizers } = object.metadata;
      const isProtected = finalizers?.includes(claimProtection) ?? false;
      if (type !== 'DELETED' && isProtected === (deletionTimestamp !== undefined)) queue.add(uid);
    });
    podInformer.onChange(({ type, object }) => {
      if (type !== 'DELETED' && !isPodTerminal(object)) return;
      for (const name of claimNamesOf(object)) {
        const claim = claims.get(name, object.metadata.namespace);
        if (claim) queue.add(claim.metadata.uid);
      }
    });

    function* reconcile(uid: string): Call<void> {
      const claim = claims.byUID(uid);
      if (!claim) return;
      const { finalizers = [], deletionTimestamp } = claim.metadata;
      const isProtected = finalizers.includes(claimProtection);
      if (deletionTimestamp !== undefined && isProtected && !usedBy(claim).some(uses)) {
        const left = finalizers.filter((finalizer) => finalizer !== claimProtection);
        yield* client.update(persistentVolumeClaims, { ...claim, metadata: { ...claim.metadata, finalizers: left } });
      } else if (deletionTimestamp === undefined && !isProtected) {
        const added = [...finalizers, claimProtection];
        yield* client.update(persistentVolumeClaims, { ...claim, metadata: { ...claim.metadata, finalizers: added } });
      }
    }
  },
};
