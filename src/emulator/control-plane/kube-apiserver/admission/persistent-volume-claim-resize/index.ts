/** PersistentVolumeClaimResize: only what a class that can grow has provisioned may grow (plugin/pkg/admission/storage/persistentvolume/resize). */
import { claimClass } from '../../../../api/core/persistent-volume-claim.ts';
import type { PersistentVolumeClaim, StorageClass } from '../../../../api/generated/types.ts';
import { claimSize } from '../../../../api/storage/volume-binding.ts';
import { compareQuantities, parseQuantity } from '../../../../machinery/quantity.ts';
import { forbidden } from '../../../../machinery/status-error.ts';
import type { AdmissionPlugin } from '../plugin.ts';

export const persistentVolumeClaimResize: AdmissionPlugin = {
  name: 'PersistentVolumeClaimResize',
  resources: ['persistentvolumeclaims'],
  operations: ['UPDATE'],
  validate(server, { request, object, previous }) {
    const [claim, before] = [object as PersistentVolumeClaim, previous as PersistentVolumeClaim];
    const isLarger = compareQuantities(parseQuantity(claimSize(claim)), parseQuantity(claimSize(before))) > 0;
    if (!isLarger) return;
    const refuse = (reason: string) => forbidden(request.resource, claim.metadata.name, reason);
    if (before.status?.phase !== 'Bound') throw refuse('Only bound persistent volume claims can be expanded');
    const name = claimClass(before);
    const storageClass =
      name === '' ? undefined : (server.store('storageclasses', 'storage.k8s.io/v1').get('', name) as StorageClass | undefined);
    if (!storageClass?.allowVolumeExpansion)
      throw refuse('only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize');
  },
};
