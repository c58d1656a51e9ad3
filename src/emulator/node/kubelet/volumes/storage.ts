/**
 * Mounts what outlives a Pod: a path of the node (hostPath, local) or a folder of an NFS server. Storage that this cluster
 * does not have is refused as a real kubelet refuses it.
 */
import type { PersistentVolume, Pod, Volume } from '../../../api/generated/types.ts';
import { claimNameOf } from '../../../api/storage/volume-binding.ts';
import type { Client } from '../../../client/index.ts';
import type { Call, Inode, Kernel, Machine } from '../../../kernel/index.ts';
import { mountNfs } from '../../network/index.ts';
import { volumeOfClaim } from './claim.ts';
import { hostPathInode, ownInode } from './host-path.ts';
import { giveToGroup, isOfGroup } from './ownership.ts';
import { VolumeError } from './volume-error.ts';

/** A volume that is mounted on the node. */
export interface Mounted {
  readonly inode: Inode;
  /** What `mount` prints as its source and type. */
  readonly source: string;
  readonly type: string;
  readonly readOnly: boolean;
  readonly options?: readonly string[] | undefined;
}

export interface StorageParts {
  readonly kernel: Kernel;
  readonly machine: Machine;
  readonly client: Client;
  readonly nodeName: string;
}

/** The part of a PersistentVolume's spec, or of a Pod's volume, that says where the data lies. */
type Source = Pick<PersistentVolume['spec'], 'csi' | 'hostPath' | 'local' | 'mountOptions' | 'nfs'> | Volume;

export const disk = { source: '/dev/vda1', type: 'ext4' } as const;

/** Whether a volume is mounted by `mountStorage`. */
export const isStorage = (volume: Volume): boolean =>
  !(volume.emptyDir ?? volume.configMap ?? volume.secret ?? volume.projected ?? volume.downwardAPI);

/** Mounts a volume of a Pod, through its claim if it has one. Throws a `VolumeError`. */
export function* mountStorage(parts: StorageParts, pod: Pod, volume: Volume): Call<Mounted> {
  const claimName = claimNameOf(pod, volume);
  if (claimName === undefined) return yield* mountSource(parts, pod, volume.name, volume, false);
  const { metadata, spec } = yield* volumeOfClaim(parts.client, parts.nodeName, pod, volume, claimName);
  const { mountOptions = [] } = spec;
  if (mountOptions.length > 0 && spec.hostPath) {
    const problem = 'Mount options are not supported for this volume type';
    throw new VolumeError(metadata.name, problem, 'MountVolume.MountOptionSupport check failed');
  }
  const mounted = yield* mountSource(parts, pod, metadata.name, spec, volume.persistentVolumeClaim?.readOnly ?? false);
  return mountOptions.length === 0 ? mounted : { ...mounted, options: mountOptions };
}

function* mountSource(parts: StorageParts, pod: Pod, name: string, source: Source, readOnly: boolean): Call<Mounted> {
  const { fs } = parts.machine;
  if (source.hostPath) return { ...disk, inode: hostPathInode(fs, name, source.hostPath), readOnly };
  if ('local' in source && source.local) {
    const { path } = source.local;
    if (!fs.find(path))
      throw new VolumeError(name, `path ${JSON.stringify(path)} does not exist`, 'MountVolume.NewMounter initialization failed');
    const inode = ownInode(fs, path);
    const { fsGroup, fsGroupChangePolicy } = pod.spec.securityContext ?? {};
    // A volume that is mounted to be read only is left as it is, and so are a path of the node and a folder of a server.
    const isDue = fsGroup !== undefined && !readOnly && !(fsGroupChangePolicy === 'OnRootMismatch' && isOfGroup(inode, fsGroup, false));
    if (isDue) giveToGroup(inode, fsGroup, false);
    return { ...disk, inode, readOnly };
  }
  if (source.nfs) {
    const { server, path } = source.nfs;
    const inode = yield* mountExport(parts, pod, name, source.nfs, 'mountOptions' in source ? source.mountOptions : undefined);
    return { inode, source: `${server}:${path}`, type: 'nfs4', readOnly: readOnly || (source.nfs.readOnly ?? false) };
  }
  throw refusal(name, source);
}

/** What mount.nfs(8) takes: options of every filesystem, then its own. */
const nfsOptions =
  /^(ro|rw|sync|async|(no)?(atime|diratime|relatime|dev|suid|exec|lock|ac|cto|acl|fsc|resvport|sharecache|intr|rdirplus)|defaults|hard|soft|softerr|bg|fg|tcp|udp|(nfs)?vers=[\d.]+|(timeo|retrans|rsize|wsize|acregmin|acregmax|acdirmin|acdirmax|actimeo|retry|port|mountport|nconnect|namlen)=\d+|(proto|sec|lookupcache|local_lock|mountproto|clientaddr)=\S+)$/;

function* mountExport(
  { kernel, machine }: StorageParts,
  pod: Pod,
  name: string,
  { server, path }: { readonly server: string; readonly path: string },
  options: readonly string[] = [],
): Call<Inode> {
  const target = `/var/lib/kubelet/pods/${pod.metadata.uid}/volumes/kubernetes.io~nfs/${name}`;
  try {
    if (!options.every((option) => nfsOptions.test(option))) throw new Error('mount.nfs: an incorrect mount option was specified');
    return yield* mountNfs({ kernel, fs: machine.fs, net: machine.net }, server, path);
  } catch (error) {
    const command = `Mounting command: mount\nMounting arguments: -t nfs ${options.length > 0 ? `-o ${options.join(',')} ` : ''}${server}:${path} ${target}`;
    throw new VolumeError(
      name,
      `mount failed: exit status 32\n${command}\nOutput: ${(error as Error).message.replace(/ on \/.*$/, ` on ${target}`)}\n`,
    );
  }
}

/** What a kubelet says of storage whose driver or client is not on its node. */
function refusal(name: string, source: Source): VolumeError {
  if (source.csi) {
    const words = `driver name ${source.csi.driver} not found in the list of registered CSI drivers`;
    if (!('volumeHandle' in source.csi))
      return new VolumeError(name, `kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: ${words}`);
    const attacher = 'kubernetes.io/csi: attacher.MountDevice failed to create newCsiDriverClient';
    return new VolumeError(name, `${attacher}: ${words}`, 'MountVolume.MountDevice failed');
  }
  // Differs from Kubernetes: storage of other vendors, which needs software on the node, is refused in words of our own.
  return new VolumeError(name, 'no node of this cluster can mount a volume of this type');
}
