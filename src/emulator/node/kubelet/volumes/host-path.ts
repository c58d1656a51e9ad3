import type { HostPathVolumeSource } from '../../../api/generated/types.ts';
import type { FileSystem, Inode } from '../../../kernel/index.ts';
import { fileInode, noBytes } from '../../../kernel/index.ts';
import { VolumeError } from './volume-error.ts';

/** What each type must be, in the words of upstream's complaint, and how it is told (pkg/volume/hostpath/host_path.go). */
const types: Readonly<Record<string, { readonly noun: string; readonly kind: Inode['kind'] | undefined }>> = {
  Directory: { noun: 'directory', kind: 'directory' },
  DirectoryOrCreate: { noun: 'directory', kind: 'directory' },
  File: { noun: 'file', kind: 'file' },
  FileOrCreate: { noun: 'file', kind: 'file' },
  Socket: { noun: 'socket file', kind: undefined },
  CharDevice: { noun: 'character device', kind: 'device' },
  BlockDevice: { noun: 'block device', kind: undefined },
};

/** The node's own file or folder that a hostPath volume means. A path without a type is made by the runtime when it is absent. */
export function hostPathInode(fs: FileSystem, name: string, { path, type = '' }: HostPathVolumeSource): Inode {
  const clean = path.replace(/\/+$/, '') || '/';
  const isAbsent = !fs.find(clean);
  if (isAbsent && (type === '' || type === 'DirectoryOrCreate')) fs.mkdirs(clean);
  if (isAbsent && type === 'FileOrCreate') {
    const parent = fs.find(clean.slice(0, Math.max(1, clean.lastIndexOf('/'))));
    if (parent?.kind === 'directory') fs.writeFile(clean, noBytes);
  }
  const wanted = types[type];
  const kind = fs.find(clean)?.kind;
  if (wanted && (kind === undefined || kind !== wanted.kind))
    throw new VolumeError(name, `hostPath type check failed: ${clean} is not a ${wanted.noun}`);
  return ownInode(fs, clean);
}

/** The inode of the filesystem's own layer, so that what a container writes is seen on the node. */
export function ownInode(fs: FileSystem, path: string): Inode {
  const inode = fs.inode(path);
  if (inode.kind === 'file') {
    fs.open(path, 'append');
  } else if (inode.kind === 'directory' && path !== '/') {
    // Linking a name into a folder copies the folder up; the name goes again at once.
    fs.link(`${path}/.own`, fileInode());
    fs.remove(`${path}/.own`);
  }
  return fs.inode(path);
}
