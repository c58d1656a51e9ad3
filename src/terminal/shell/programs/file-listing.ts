/** How files are described: `ls -l`, `stat`, `find -ls`. */
import type { FileSystem, Inode, Sys } from '../../../emulator/kernel/index.ts';
import { formatDate } from '../date-format.ts';

/** Files of a program carry a token of content; a real binary has some size. */
const programSize = 142_144;

export function sizeOf(inode: Inode): number {
  switch (inode.kind) {
    case 'file':
      return inode.program ? programSize : (inode.generate?.() ?? inode.data).length + (inode.allocatedBytes ?? 0);
    case 'directory':
      return 4096;
    case 'symlink':
      return inode.target.length;
    case 'device':
      return 0;
  }
}

export function typeLetter(inode: Inode): string {
  return { file: '-', directory: 'd', symlink: 'l', device: 'c' }[inode.kind];
}

export function permissions(inode: Inode): string {
  const bits = (shift: number, special: number, letter: string): string => {
    const mode = (inode.mode >> shift) & 7;
    const isSpecial = (inode.mode & special) !== 0;
    const execute = mode & 1 ? (isSpecial ? letter : 'x') : isSpecial ? letter.toUpperCase() : '-';
    return `${mode & 4 ? 'r' : '-'}${mode & 2 ? 'w' : '-'}${execute}`;
  };
  return typeLetter(inode) + bits(6, 0o4000, 's') + bits(3, 0o2000, 's') + bits(0, 0o1000, 't');
}

/** Unix milliseconds of the last change. */
export function modifiedMs(sys: Sys, inode: Inode): number {
  return sys.kernel.clock.at(inode.mtimeMs);
}

/** `Jan  1 00:00`, or with the year when it is more than half a year away. */
export function listedTime(sys: Sys, inode: Inode): string {
  const at = modifiedMs(sys, inode);
  const isRecent = Math.abs(sys.kernel.clock.unixMs - at) < 183 * 86_400_000;
  return formatDate(at, isRecent ? '%b %e %H:%M' : '%b %e  %Y');
}

/** Directories and what they hold, subdirectories counted, as the link count of `ls -l`. */
export function linkCount(fs: FileSystem, path: string, inode: Inode): number {
  if (inode.kind !== 'directory') return 1;
  return 2 + fs.list(path).filter((name) => fs.find(join(path, name), { followLast: false })?.kind === 'directory').length;
}

export function join(directory: string, name: string): string {
  return directory.endsWith('/') ? directory + name : `${directory}/${name}`;
}
