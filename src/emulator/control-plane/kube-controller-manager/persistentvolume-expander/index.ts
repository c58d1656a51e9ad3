/**
 * Says of a claim that asks for more than its volume has who is to enlarge it (pkg/controller/volume/expand). All storage
 * that Kubernetes could enlarge by itself is with external drivers today, so that saying it is all that is left to do.
 */
import { claimClass, persistentVolumeClaims } from '../../../api/core/persistent-volume-claim.ts';
import { persistentVolumes } from '../../../api/core/persistent-volume.ts';
import type { PersistentVolumeClaim } from '../../../api/generated/types.ts';
import { storageClasses } from '../../../api/storage/storage-class.ts';
import { claimSize } from '../../../api/storage/volume-binding.ts';
import type { Call } from '../../../kernel/index.ts';
import { compareQuantities, parseQuantity } from '../../../machinery/quantity.ts';
import type { Controller } from '../controller.ts';

/** Whether a claim that is bound wants to be larger than it is. */
function wantsMore(claim: PersistentVolumeClaim): boolean {
  if (claim.status?.phase !== 'Bound') return false;
  return compareQuantities(parseQuantity(claimSize(claim)), parseQuantity(claim.status.capacity?.storage ?? '0')) > 0;
}

export const persistentVolumeExpander: Controller = {
  name: 'persistentvolume-expander-controller',
  start(context) {
    const client = context.client('expand-controller');
    const recorder = context.recorder(client, 'volume_expand');
    const claims = context.informers.for(persistentVolumeClaims);
    const volumes = context.informers.for(persistentVolumes);
    const classes = context.informers.for(storageClasses);
    const queue = context.queue({ name: 'persistentvolume-expander', reconcile });
    claims.onChange(({ type, object, previous }) => {
      const isLarger = previous !== undefined && claimSize(object) !== claimSize(previous);
      if (type === 'MODIFIED' && isLarger && wantsMore(object)) queue.add(object.metadata.uid);
    });

    function* reconcile(uid: string): Call<void> {
      const claim = claims.byUID(uid);
      if (!claim || !wantsMore(claim) || !volumes.get(claim.spec.volumeName ?? '')) return;
      if (!classes.get(claimClass(claim))) return;
      recorder.normal(claim, 'ExternalExpanding', 'waiting for an external controller to expand this PVC');
    }
  },
};
