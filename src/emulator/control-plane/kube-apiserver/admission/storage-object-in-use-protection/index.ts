/** StorageObjectInUseProtection: claims, volumes and classes of attributes are born with the finalizer that keeps them while they are in use (plugin/pkg/admission/storage). */
import type { ApiObject } from '../../../../machinery/objects.ts';
import { attributesClassProtection, claimProtection, volumeProtection } from '../../../../api/storage/protection.ts';
import type { AdmissionPlugin } from '../plugin.ts';

function withFinalizer(object: ApiObject, finalizer: string): ApiObject {
  const { finalizers = [] } = object.metadata;
  if (finalizers.includes(finalizer)) return object;
  return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] } };
}

const finalizers: Readonly<Record<string, string>> = {
  persistentvolumeclaims: claimProtection,
  persistentvolumes: volumeProtection,
  volumeattributesclasses: attributesClassProtection,
};

export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  resources: Object.keys(finalizers),
  operations: ['CREATE'],
  admit: (_, { request, object }) => withFinalizer(object, finalizers[request.resource.resource]!),
};
