/** StorageObjectInUseProtection: claims and volumes are born with the finalizer that keeps them while they are in use (plugin/pkg/admission/storage). */
import type { ApiObject } from '../../../../machinery/objects.ts';
import { claimProtection, volumeProtection } from '../../../../api/storage/protection.ts';
import type { AdmissionPlugin } from '../plugin.ts';

function withFinalizer(object: ApiObject, finalizer: string): ApiObject {
  const { finalizers = [] } = object.metadata;
  if (finalizers.includes(finalizer)) return object;
  return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] } };
}

export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  resources: ['persistentvolumeclaims', 'persistentvolumes'],
  operations: ['CREATE'],
  admit: (_, { request, object }) =>
    withFinalizer(object, request.resource.resource === 'persistentvolumes' ? volumeProtection : claimProtection),
};
