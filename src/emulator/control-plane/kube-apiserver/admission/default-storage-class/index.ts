/** DefaultStorageClass: a claim that names no class gets the default one, if there is one (plugin/pkg/admission/storage/storageclass/setdefault). */
import { betaClassAnnotation } from '../../../../api/core/persistent-volume-claim-validation.ts';
import type { PersistentVolumeClaim, StorageClass } from '../../../../api/generated/types.ts';
import { defaultClass } from '../../../../api/storage/volume-binding.ts';
import type { AdmissionPlugin } from '../plugin.ts';

export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  resources: ['persistentvolumeclaims'],
  operations: ['CREATE'],
  admit(server, { object }) {
    const claim = object as PersistentVolumeClaim;
    if (claim.spec.storageClassName !== undefined || claim.metadata.annotations?.[betaClassAnnotation] !== undefined) return claim;
    const classes = server.store('storageclasses', 'storage.k8s.io/v1').list('');
    const found = defaultClass(classes.map(({ value }) => value as StorageClass));
    return found ? { ...claim, spec: { ...claim.spec, storageClassName: found.metadata.name } } : claim;
  },
};
