/** Who makes a volume for a claim: findProvisionablePlugin and findDeletablePlugin of pv_controller.go. */
import type { PersistentVolume, StorageClass } from '../../../api/generated/types.ts';
import { provisionedBy } from '../../../api/storage/volume-binding.ts';

/** Provisioners that were once part of Kubernetes, and the drivers that do their work now (csi-translation-lib/plugins). */
const migrated: Readonly<Record<string, string>> = {
  'kubernetes.io/aws-ebs': 'ebs.csi.aws.com',
  'kubernetes.io/azure-disk': 'disk.csi.azure.com',
  'kubernetes.io/azure-file': 'file.csi.azure.com',
  'kubernetes.io/cinder': 'cinder.csi.openstack.org',
  'kubernetes.io/gce-pd': 'pd.csi.storage.gke.io',
  'kubernetes.io/portworx-volume': 'pxd.portworx.com',
  'kubernetes.io/vsphere-volume': 'csi.vsphere.vmware.com',
};

const isInTree = (name: string): boolean => name.startsWith('kubernetes.io/');

/** The external provisioner to ask, or why there is none. */
export function provisionerOf({ provisioner }: StorageClass): { readonly name: string } | { readonly error: string } {
  const name = migrated[provisioner] ?? provisioner;
  return isInTree(name) ? { error: `no volume plugin matched name: ${name}` } : { name };
}

/** What becomes of a released volume whose policy is Delete. */
export type Deletion = { readonly by: 'external' } | { readonly by: 'controller' } | { readonly error: string };

/**
 * A volume that somebody else made, that one deletes. Of those that a user wrote, this controller can only delete a path
 * under /tmp, and does so on its own machine.
 *
 * Differs from Kubernetes: the path is not removed from the control plane's disk, on which no Pod's data lies.
 */
export function deletionOf({ metadata, spec }: PersistentVolume): Deletion {
  const maker = metadata.annotations?.[provisionedBy];
  if (maker) return isInTree(maker) && !migrated[maker] ? { error: `no volume plugin matched name: ${maker}` } : { by: 'external' };
  if (spec.csi) return { by: 'external' };
  if (!spec.hostPath)
    return { error: `error getting deleter volume plugin for volume "${metadata.name}": no deletable volume plugin matched` };
  if (/^\/tmp\/.+/.test(spec.hostPath.path)) return { by: 'controller' };
  return { error: `host_path deleter only supports /tmp/.+ but received provided ${spec.hostPath.path}` };
}
