/**
 * nfs-subdir-external-provisioner: makes a volume for each claim of its classes, a folder on an NFS server that it mounts
 * itself, and removes it with the volume.
 *
 * - An ordinary program in a Pod: it finds its server, path and name in its environment, and watches claims, volumes and
 *   classes under its own service account.
 * - Folders are called `<namespace>-<claim>-<volume>`, or as the class's `pathPattern` says. `onDelete` and
 *   `archiveOnDelete` of the class say what becomes of them.
 * - Every node reaches the server, so that a volume has no node affinity and any access mode will do.
 *
 * Differs from Kubernetes: it also enlarges volumes, which the real one leaves to nobody, and says so as external-resizer
 * does. A folder has no size, so that nothing stops a Pod from writing more than it claimed; nor does it in reality.
 *
 * Deliberately absent: leader election (there is one replica), snapshots and clones.
 */
export { nfsProvisioner } from './program.ts';
