/** The group of a Pod's files (`fsGroup`). Upstream: pkg/volume/volume_linux.go. */
import type { Inode } from '../../../kernel/index.ts';

/** What every file gets, beside the bits that it has. */
const maskOf = (inode: Inode, isReadOnly: boolean): number => (isReadOnly ? 0o440 : 0o660) | (inode.kind === 'directory' ? 0o2110 : 0);

/** Gives a volume with all that is in it to a group. New files in its directories belong to the group too. */
export function giveToGroup(inode: Inode, group: number, isReadOnly: boolean): void {
  inode.gid = group;
  if (inode.kind === 'symlink') return;
  inode.mode |= maskOf(inode, isReadOnly);
  if (inode.kind === 'directory') for (const entry of inode.entries.values()) giveToGroup(entry, group, isReadOnly);
}

/** Whether the root of a volume looks as `giveToGroup` leaves it: the rest is then taken to do so too (OnRootMismatch). */
export function isOfGroup(inode: Inode, group: number, isReadOnly: boolean): boolean {
  const mask = maskOf(inode, isReadOnly);
  return inode.gid === group && (inode.mode & mask) === mask;
}
