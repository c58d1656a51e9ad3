/** What is mounted, as the kernel lists it in /proc/mounts. */
import { utf8 } from './bytes.ts';
import type { ByteString } from './bytes.ts';
import type { FileSystem } from './filesystem.ts';

export interface MountLine {
  readonly source: string;
  readonly path: string;
  readonly type: string;
  readonly options: string;
}

/** `rw,relatime,vers=4.1`: what a mount always has, then what was asked for. */
function optionsOf(isReadOnly: boolean, given: readonly string[]): string {
  const times = given.find((option) => /^(no|strict|rel)atime$/.test(option)) ?? 'relatime';
  const rest = given.filter((option) => option !== 'ro' && option !== 'rw' && option !== times);
  return [isReadOnly ? 'ro' : 'rw', times, ...rest.map((option) => option.replace(/^nfsvers=/, 'vers='))].join(',');
}

/** The mounts of a machine or a container, its root first. */
export function mountTable({ mounts, disk, root }: FileSystem): readonly MountLine[] {
  const ofRoot = mounts.find(({ path }) => path === '');
  const own = disk
    ? { source: '/dev/vda1', type: 'ext4' }
    : root.lower
      ? { source: 'overlay', type: 'overlay' }
      : { source: 'tmpfs', type: 'tmpfs' };
  return [
    { ...own, path: '/', options: optionsOf(ofRoot?.readOnly ?? false, []) },
    { source: 'proc', path: '/proc', type: 'proc', options: 'rw,nosuid,nodev,noexec,relatime' },
    ...mounts
      .filter((mount) => mount !== ofRoot)
      .map(({ source, path, type, readOnly, options = [] }) => ({ source, path, type, options: optionsOf(readOnly, options) })),
  ];
}

/** The content of /proc/mounts. */
export const mountsFile = (fs: FileSystem): ByteString =>
  utf8(
    mountTable(fs)
      .map(({ source, path, type, options }) => `${source} ${path} ${type} ${options} 0 0\n`)
      .join(''),
  );
