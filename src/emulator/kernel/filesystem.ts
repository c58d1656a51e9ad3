/**
 * A machine's or container's files: a tree of inodes, with mounts and an optional read-only layer below.
 *
 * - Paths given to methods are absolute (`absolute` makes them so). Symbolic links are followed except where a method says not.
 * - A container's root is an overlay: directories of the shared, read-only image below are copied up when written to, so
 *   a thousand containers of one image cost one image. Nothing is allocated until a container's files are touched.
 * - A program is a file with a body that the kernel can run, so `which`, `PATH` and a container without a shell are honest.
 * - Files hold bytes; a file may also be generated on read (`/proc`, `/sys`, kubelet volumes).
 *
 * - The permission bits bind the user of a filesystem, if it has one: a container's files have the user of its processes. Root, and
 *   what the kernel's own callers do before there is a user, is bound by nothing.
 *
 * Absent: access control lists, hard links, extended attributes.
 */
import { noBytes, utf8 } from './bytes.ts';
import type { ByteString } from './bytes.ts';
import { Errno } from './errno.ts';
import { OpenFile } from './file.ts';
import { access, mayAccess, requireAccess, requireRemoval } from './permissions.ts';
import type { FileUser } from './permissions.ts';
import type { Program } from './process.ts';
import type { WaitQueue } from './wait-queue.ts';

interface InodeBase {
  /** Permission bits, e.g. 0o644. */
  mode: number;
  /** Virtual milliseconds of the last change. */
  mtimeMs: number;
  /** The owner and the group; absent for root. */
  uid?: number | undefined;
  gid?: number | undefined;
}
export interface FileInode extends InodeBase {
  readonly kind: 'file';
  data: ByteString;
  /** Room on the disk that was set aside for it beyond its content (fallocate(2)); reads as nothing. */
  allocatedBytes?: number | undefined;
  /** Makes the content anew on each open, instead of `data`. */
  generate?: (() => ByteString) | undefined;
  /** What the kernel runs when the file is executed. */
  program?: Program | undefined;
  /** Woken by every write, which is what `tail -f` waits for. */
  changed: WaitQueue | undefined;
}
export interface DirectoryInode extends InodeBase {
  readonly kind: 'directory';
  readonly entries: Map<string, Inode>;
  /** The directory of the image below; its entries show through unless shadowed or whited out. */
  lower?: DirectoryInode | undefined;
  /** Names of the layer below that were removed. */
  whiteouts?: Set<string> | undefined;
}
export interface SymlinkInode extends InodeBase {
  readonly kind: 'symlink';
  readonly target: string;
}
export interface DeviceInode extends InodeBase {
  readonly kind: 'device';
  /** Opens the device; called for each open. */
  readonly open: () => OpenFile;
}
export type Inode = FileInode | DirectoryInode | SymlinkInode | DeviceInode;
export type OpenMode = 'read' | 'write' | 'append' | 'read-write';

export interface Mount {
  /** Absolute, as seen in this filesystem. */
  readonly path: string;
  readonly root: Inode;
  readonly readOnly: boolean;
  /** What `mount` and /proc/mounts print as the source and type. */
  readonly source: string;
  readonly type: string;
  /** Beyond what every mount has: `vers=4.1`, `noatime`. */
  readonly options?: readonly string[] | undefined;
}

export function directoryInode(mode = 0o755, mtimeMs = 0): DirectoryInode {
  return { kind: 'directory', mode, mtimeMs, entries: new Map() };
}

export function fileInode(data: ByteString = noBytes, mode = 0o644, mtimeMs = 0): FileInode {
  return { kind: 'file', mode, mtimeMs, data, changed: undefined };
}

export function programInode(program: Program): FileInode {
  return { kind: 'file', mode: 0o755, mtimeMs: 0, data: utf8('\x7fELF'), changed: undefined, program };
}

class OpenRegularFile extends OpenFile {
  readonly inode: FileInode;
  readonly #fs: FileSystem;
  readonly #mode: OpenMode;
  readonly #content: ByteString | undefined;
  #offset = 0;

  constructor(fs: FileSystem, inode: FileInode, mode: OpenMode) {
    super();
    this.#fs = fs;
    this.inode = inode;
    this.#mode = mode;
    this.#content = inode.generate?.();
    if (mode !== 'write') return;
    fs.reserve(-inode.data.length);
    fs.setAllocated(inode, 0);
    inode.data = noBytes;
    inode.changed?.wake();
  }

  override read(max: number): ByteString {
    const data = (this.#content ?? this.inode.data).slice(this.#offset, this.#offset + max) as ByteString;
    this.#offset += data.length;
    return data;
  }

  override write(bytes: ByteString): number {
    const { inode } = this;
    if (this.#mode === 'read') throw new Errno('EBADF');
    if (this.#mode === 'append') this.#offset = inode.data.length;
    const growth = Math.max(0, this.#offset + bytes.length - inode.data.length);
    this.#fs.reserve(growth);
    const isAtEnd = this.#offset === inode.data.length;
    inode.data = (
      isAtEnd ? inode.data + bytes : inode.data.slice(0, this.#offset) + bytes + inode.data.slice(this.#offset + bytes.length)
    ) as ByteString;
    this.#offset += bytes.length;
    inode.mtimeMs = this.#fs.now();
    inode.changed?.wake();
    return bytes.length;
  }
}

/** Joins a path to a working directory and resolves `.` and `..` in its text. */
export function absolute(cwd: string, path: string): string {
  const parts: string[] = [];
  for (const part of `${path.startsWith('/') ? '' : cwd}/${path}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

export function dirname(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

export function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

interface WalkOptions {
  readonly followLast: boolean;
  /** Copies up from the layer below what is on the way. */
  readonly copy: boolean;
  /** Throws ENOTDIR where a file stands in the way. */
  readonly strict: boolean;
}

/** A text that is no file of the filesystem, opened to be read. */
export const openText = (fs: FileSystem, text: ByteString): OpenFile => new OpenRegularFile(fs, fileInode(text), 'read');

const maxLinks = 40;

/** The entry of a directory, looking through to the layer below. */
function entryOf(directory: DirectoryInode, name: string): Inode | undefined {
  const own = directory.entries.get(name);
  if (own || !directory.lower || directory.whiteouts?.has(name)) return own;
  return entryOf(directory.lower, name);
}

function copyUp(inode: Inode): Inode {
  if (inode.kind === 'directory') {
    const { mode, mtimeMs, uid, gid } = inode;
    return { kind: 'directory', mode, mtimeMs, ...(uid && { uid }), ...(gid && { gid }), entries: new Map(), lower: inode };
  }
  return inode.kind === 'file' ? { ...inode, changed: undefined } : inode;
}

/** Room that was set aside for a file, or for those in a tree. */
function allocatedIn(inode: Inode): number {
  if (inode.kind === 'file') return inode.allocatedBytes ?? 0;
  if (inode.kind !== 'directory') return 0;
  let bytes = 0;
  for (const entry of inode.entries.values()) bytes += allocatedIn(entry);
  return bytes;
}

/** Bytes of a tree, without what shows through from the layer below. */
function ownBytes(inode: Inode): number {
  if (inode.kind === 'file') return inode.data.length;
  if (inode.kind !== 'directory') return 0;
  let bytes = 0;
  for (const entry of inode.entries.values()) bytes += ownBytes(entry);
  return bytes;
}

/** A container's disk. Machines are given more. */
const defaultLimitBytes = 64 * 1024 * 1024;

export class FileSystem {
  readonly root: DirectoryInode;
  readonly mounts: Mount[] = [];
  /** Virtual milliseconds, for modification times. */
  readonly now: () => number;

  /** How many bytes can be written to it; beyond that a write fails with ENOSPC. */
  readonly limitBytes: number;
  /** Whom new files belong to; root where it is not said. */
  owner: { readonly uid: number; readonly gid: number } | undefined;
  /** Whom the permission bits bind. */
  user: FileUser | undefined;
  /** Bytes written through this filesystem and still there, mounts included. */
  usedBytes = 0;
  /** Of a machine: its disk, which is larger than what can be written here, and what lies on it beside these files. */
  disk: { readonly capacityBytes: number; readonly otherBytes: () => number } | undefined;
  /** Room that was set aside for files. */
  allocatedBytes = 0;
  /** Called when room was set aside or given back. */
  onAllocated: (() => void) | undefined;

  /** `image`: a read-only tree that shows through; it is never changed. */
  constructor(now: () => number, image?: DirectoryInode, { limitBytes = defaultLimitBytes } = {}) {
    this.now = now;
    this.limitBytes = limitBytes;
    this.root = { ...directoryInode(0o755, now()), lower: image };
  }

  /** Counts what is written (or given back). Throws ENOSPC when there is no room. */
  reserve(bytes: number): void {
    if (bytes > 0 && (this.usedBytes + bytes > this.limitBytes || (this.disk && bytes > this.freeBytes))) throw new Errno('ENOSPC');
    this.usedBytes = Math.max(0, this.usedBytes + bytes);
  }

  /** Bytes that are left on the disk. */
  get freeBytes(): number {
    if (!this.disk) return this.limitBytes - this.usedBytes;
    return Math.max(0, this.disk.capacityBytes - this.disk.otherBytes() - this.usedBytes - this.allocatedBytes);
  }

  /** Sets room aside for a file, or gives it back. Throws ENOSPC when there is none. */
  setAllocated(inode: FileInode, bytes: number): void {
    const growth = bytes - (inode.allocatedBytes ?? 0);
    if (growth === 0) return;
    if (growth > this.freeBytes) throw new Errno('ENOSPC');
    inode.allocatedBytes = bytes === 0 ? undefined : bytes;
    this.allocatedBytes += growth;
    this.onAllocated?.();
  }

  /** The inode at a path, undefined if there is none. Follows a link at the end unless told not to. */
  find(path: string, { followLast = true } = {}): Inode | undefined {
    return this.#walk(path, { followLast, copy: false, strict: false }, 0);
  }

  /** As `find`, and ENOENT if there is none, ENOTDIR if a file stands in the way. */
  inode(path: string): Inode {
    const inode = this.#walk(path, { followLast: true, copy: false, strict: true }, 0);
    if (!inode) throw new Errno('ENOENT');
    return inode;
  }

  /** The path without symbolic links. Throws ENOENT or ELOOP. */
  resolve(path: string): string {
    let resolved = '';
    let rest = path.split('/').filter((part) => part !== '');
    for (let links = 0; rest.length > 0; ) {
      const [part, ...more] = rest as [string, ...string[]];
      const next = `${resolved}/${part}`;
      const inode = this.find(next, { followLast: false });
      if (!inode) throw new Errno('ENOENT');
      if (inode.kind !== 'symlink') {
        resolved = next;
        rest = more;
        continue;
      }
      if (++links > maxLinks) throw new Errno('ELOOP');
      rest = [
        ...absolute(resolved || '/', inode.target)
          .split('/')
          .filter((p) => p !== ''),
        ...more,
      ];
      resolved = '';
    }
    return resolved || '/';
  }

  /** An inode that may be changed: copied up from the layer below if need be. Throws ENOENT, ENOTDIR or EROFS. */
  writable(path: string): Inode {
    this.#checkWritable(path);
    const inode = this.#walk(path, { followLast: true, copy: true, strict: true }, 0);
    if (!inode) throw new Errno('ENOENT');
    return inode;
  }

  /** `createMode`: the bits of a file that is made by it. */
  open(path: string, mode: OpenMode, createMode = 0o644): OpenFile {
    if (mode === 'read') return this.#openInode(this.inode(path), mode);
    this.#checkWritable(path);
    if (this.user) this.#checkOpen(path);
    let inode = this.#walk(path, { followLast: true, copy: true, strict: true }, 0);
    if (!inode) {
      inode = fileInode(noBytes, createMode, this.now());
      const target = this.#resolveDangling(path);
      const parent = this.#parent(target);
      parent.entries.set(basename(target), this.#owned(inode, parent));
    }
    return this.#openInode(inode, mode);
  }

  /** A whole file. Throws ENOENT or EISDIR. */
  readFile(path: string): ByteString {
    const inode = this.inode(path);
    if (inode.kind === 'directory') throw new Errno('EISDIR');
    requireAccess(inode, this.user, access.read);
    return inode.kind === 'file' ? (inode.generate?.() ?? inode.data) : noBytes;
  }

  /** Writes a whole file and the directories on its way. */
  writeFile(path: string, data: ByteString, mode?: number): void {
    this.mkdirs(dirname(path));
    this.open(path, 'write').write(data);
    if (mode !== undefined) this.writable(path).mode = mode;
  }

  mkdir(path: string, mode = 0o755): void {
    if (this.find(path)) throw new Errno('EEXIST');
    this.link(path, this.#owned(directoryInode(mode, this.now()), this.#parent(path)));
  }

  /** Makes a directory and all that lead to it; fine if it is there. */
  mkdirs(path: string): void {
    const inode = this.find(path);
    if (inode?.kind === 'directory') return;
    if (inode) throw new Errno('ENOTDIR');
    this.mkdirs(dirname(path));
    this.mkdir(path);
  }

  symlink(target: string, path: string): void {
    if (this.find(path, { followLast: false })) throw new Errno('EEXIST');
    this.link(path, this.#owned({ kind: 'symlink', mode: 0o777, mtimeMs: this.now(), target }, this.#parent(path)));
  }

  /** Puts an inode at a path, in place of what is there. */
  link(path: string, inode: Inode): void {
    this.#checkWritable(path);
    const parent = this.#parent(path);
    const old = this.user && parent.entries.get(basename(path));
    if (old) requireRemoval(parent, old, this.user);
    parent.entries.set(basename(path), inode);
    parent.mtimeMs = this.now();
  }

  /** Removes a name. Directories must be empty unless `recursive`. */
  remove(path: string, { recursive = false } = {}): void {
    const inode = this.find(path, { followLast: false });
    if (!inode) throw new Errno('ENOENT');
    if (this.mounts.some((mount) => mount.path === path)) throw new Errno('EBUSY');
    this.#checkWritable(path);
    if (inode.kind === 'directory' && !recursive && this.list(path).length > 0) throw new Errno('ENOTEMPTY');
    const parent = this.#parent(path);
    requireRemoval(parent, inode, this.user);
    if (recursive && this.user) this.#checkEmptying(inode);
    const name = basename(path);
    const own = parent.entries.get(name);
    if (own) this.reserve(-ownBytes(own));
    const allocated = own && this.allocatedBytes > 0 ? allocatedIn(own) : 0;
    this.allocatedBytes -= allocated;
    if (allocated > 0) this.onAllocated?.();
    parent.entries.delete(name);
    if (parent.lower && entryOf(parent.lower, name)) (parent.whiteouts ??= new Set()).add(name);
    parent.mtimeMs = this.now();
  }

  rename(from: string, to: string): void {
    const inode = this.#walk(from, { followLast: false, copy: true, strict: true }, 0);
    if (!inode) throw new Errno('ENOENT');
    if (to === from) return;
    if (inode.kind === 'directory' && to.startsWith(`${from}/`)) throw new Errno('EINVAL');
    const target = this.find(to, { followLast: false });
    if (target?.kind === 'directory' && inode.kind !== 'directory') throw new Errno('EISDIR');
    this.link(to, inode);
    this.remove(from, { recursive: true });
    this.usedBytes += ownBytes(inode); // It has only moved.
    this.allocatedBytes += allocatedIn(inode);
  }

  /** Names in a directory, sorted. Throws ENOENT or ENOTDIR. */
  list(path: string): string[] {
    const directory = this.inode(path);
    if (directory.kind !== 'directory') throw new Errno('ENOTDIR');
    requireAccess(directory, this.user, access.read);
    const names = new Set(directory.entries.keys());
    for (let layer = directory; layer.lower; layer = layer.lower) {
      for (const name of layer.lower.entries.keys()) if (!layer.whiteouts?.has(name)) names.add(name);
    }
    return [...names].sort();
  }

  /** Lays a tree or file over a path, which is made if it is absent. */
  mount(mount: Mount): void {
    if (!this.find(mount.path)) {
      if (mount.root.kind === 'directory') this.mkdirs(mount.path);
      else this.writeFile(mount.path, noBytes);
    }
    this.mounts.push(mount);
  }

  unmount(path: string): void {
    const i = this.mounts.findLastIndex((mount) => mount.path === path);
    if (i < 0) throw new Errno('EINVAL');
    this.mounts.splice(i, 1);
  }

  /** The mount that a path lies on; undefined is the root filesystem. */
  mountOf(path: string): Mount | undefined {
    return this.mounts.findLast((mount) => path === mount.path || path.startsWith(`${mount.path}/`));
  }

  #openInode(inode: Inode, mode: OpenMode): OpenFile {
    if (inode.kind === 'directory') throw new Errno('EISDIR');
    requireAccess(inode, this.user, mode === 'read' ? access.read : mode === 'read-write' ? access.read | access.write : access.write);
    if (inode.kind === 'device') return inode.open();
    if (inode.kind !== 'file') throw new Errno('EISDIR');
    return new OpenRegularFile(this, inode, mode);
  }

  /** A new file belongs to who makes it, and to the group of a directory that hands its own on (setgid). */
  #owned<T extends Inode>(inode: T, parent: DirectoryInode): T {
    const handsOn = (parent.mode & 0o2000) !== 0;
    const gid = handsOn ? parent.gid : this.owner?.gid;
    if (this.owner?.uid) inode.uid = this.owner.uid;
    if (gid) inode.gid = gid;
    if (handsOn && inode.kind === 'directory') inode.mode |= 0o2000;
    return inode;
  }

  #checkWritable(path: string): void {
    if (this.mountOf(path)?.readOnly) throw new Errno('EROFS');
  }

  /** Before anything is copied up: a file that may not be written stays in the layer below. */
  #checkOpen(path: string): void {
    const inode = this.#walk(path, { followLast: true, copy: false, strict: true }, 0);
    if (inode && inode.kind !== 'directory') requireAccess(inode, this.user, access.write);
  }

  /** What is in a folder that goes with it. */
  #checkEmptying(inode: Inode): void {
    if (inode.kind !== 'directory') return;
    for (const entry of inode.entries.values()) {
      requireRemoval(inode, entry, this.user);
      this.#checkEmptying(entry);
    }
  }

  #resolveDangling(path: string): string {
    const inode = this.find(path, { followLast: false });
    return inode?.kind === 'symlink' ? this.#resolveDangling(absolute(dirname(path), inode.target)) : path;
  }

  #parent(path: string): DirectoryInode {
    const parent = this.#walk(dirname(path), { followLast: true, copy: true, strict: true }, 0);
    if (!parent) throw new Errno('ENOENT');
    if (parent.kind !== 'directory') throw new Errno('ENOTDIR');
    requireAccess(parent, this.user, access.write | access.search);
    return parent;
  }

  #walk(path: string, options: WalkOptions, links: number): Inode | undefined {
    if (links > maxLinks) throw new Errno('ELOOP');
    const mount = this.mounts.length > 0 ? this.mountOf(path) : undefined;
    let inode: Inode = mount?.root ?? this.root;
    const parts = (mount ? path.slice(mount.path.length) : path).split('/').filter((part) => part !== '');
    for (const [i, part] of parts.entries()) {
      if (inode.kind !== 'directory') {
        if (options.strict) throw new Errno('ENOTDIR');
        return undefined;
      }
      if (this.user && !mayAccess(inode, this.user, access.search)) {
        if (options.strict) throw new Errno('EACCES');
        return undefined;
      }
      const next = this.#child(inode, part, options.copy);
      if (!next) return undefined;
      const isLast = i === parts.length - 1;
      if (next.kind === 'symlink' && (!isLast || options.followLast)) {
        const at = `${mount?.path ?? ''}/${parts.slice(0, i).join('/')}`;
        return this.#walk(absolute(absolute(at, next.target), `./${parts.slice(i + 1).join('/')}`), options, links + 1);
      }
      inode = next;
    }
    return inode;
  }

  #child(directory: DirectoryInode, name: string, copy: boolean): Inode | undefined {
    const inode = entryOf(directory, name);
    if (!inode || !copy || directory.entries.has(name)) return inode;
    const own = copyUp(inode);
    directory.entries.set(name, own);
    return own;
  }
}
