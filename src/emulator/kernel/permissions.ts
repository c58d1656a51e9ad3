/** Who may do what with a file: the permission bits of its owner, its group and all others (path_resolution(7)). */
import { Errno } from './errno.ts';
import type { DirectoryInode, Inode } from './filesystem.ts';

/** Whom the bits bind: everybody but root with the capability DAC_OVERRIDE. */
export interface FileUser {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

export const access = { read: 4, write: 2, search: 1, execute: 1 } as const;

function isAllowed({ mode, uid = 0, gid = 0 }: Inode, user: FileUser, wanted: number): boolean {
  const shift = uid === user.uid ? 6 : gid === user.gid || user.groups.includes(gid) ? 3 : 0;
  return ((mode >> shift) & wanted) === wanted;
}

/** Throws EACCES where the bits keep the user out; nobody is kept out without one. */
export function requireAccess(inode: Inode, user: FileUser | undefined, wanted: number): void {
  if (user && inode.kind !== 'symlink' && !isAllowed(inode, user, wanted)) throw new Errno('EACCES');
}

/** As `requireAccess`, as a value. */
export const mayAccess = (inode: Inode, user: FileUser | undefined, wanted: number): boolean => !user || isAllowed(inode, user, wanted);

/** Throws EACCES for a name in a folder that may not be changed, EPERM for somebody else's file in a shared one (the sticky bit). */
export function requireRemoval(parent: DirectoryInode, inode: Inode, user: FileUser | undefined): void {
  requireAccess(parent, user, access.write | access.search);
  if (user && parent.mode & 0o1000 && (inode.uid ?? 0) !== user.uid && (parent.uid ?? 0) !== user.uid) throw new Errno('EPERM');
}
