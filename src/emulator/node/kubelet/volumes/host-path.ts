import type { Volume } from '../../../api/generated/types.ts';
import type { FileSystem, Inode } from '../../../kernel/index.ts';
import { fileInode } from '../../../kernel/index.ts';
import { VolumeError } from './payload.ts';

/** The node's own file or folder that a hostPath volume means (upstream pkg/volume/hostpath). */
export function hostPathInode(fs: FileSystem, volume: Volume): Inode {
  const { path, type = '' } = volume.hostPath!;
  const clean = path.replace(/\/+$/, '') || '/';
  let inode = fs.find(clean);
  const fail = (what: string): never => {
    throw new VolumeError(volume.name, `hostPath type check failed: ${clean} is not a ${what}`);
  };
  if (!inode && (type === '' || type === 'DirectoryOrCreate')) fs.mkdirs(clean);
  if (!inode && type === 'FileOrCreate') fs.writeFile(clean, '' as never);
  inode = fs.find(clean);
  if ((type === 'Directory' || type === 'DirectoryOrCreate') && inode?.kind !== 'directory') return fail('directory');
  if ((type === 'File' || type === 'FileOrCreate') && inode?.kind !== 'file') return fail('file');
  if (type === 'Socket' || type === 'CharDevice' || type === 'BlockDevice')
    return fail(type === 'Socket' ? 'socket' : type === 'CharDevice' ? 'character device' : 'block device');
  if (!inode) return fail('file or directory');
  return ownInode(fs, clean);
}

/** The inode of the filesystem's own layer, so that what a container writes is seen on the node. */
function ownInode(fs: FileSystem, path: string): Inode {
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
