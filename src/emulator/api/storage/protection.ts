/** Finalizers that keep what is in use: plugin/pkg/admission/storage/storageobjectinuseprotection, pkg/volume/util/finalizer.go. */
export const claimProtection = 'kubernetes.io/pvc-protection';
export const volumeProtection = 'kubernetes.io/pv-protection';
export const attributesClassProtection = 'kubernetes.io/vac-protection';
