/**
 * A volume of small files that change together: a dated folder, the link `..data` to it, and a link for each file, so
 * that a reader sees either the old set or the new one (upstream pkg/volume/util/atomic_writer.go).
 */

import type { ByteString, DirectoryInode, FileInode, Inode } from '../../../kernel/index.ts';
import { civilTime, directoryInode, fileInode } from '../../../kernel/index.ts';
import { giveToGroup } from './ownership.ts';

export interface Payload {
  readonly data: ByteString | (() => ByteString);
  readonly mode: number;
  /** The owner, where it is not root. */
  readonly uid?: number | undefined;
}

const two = (n: number): string => String(n).padStart(2, '0');

export class AtomicDirectory {
  readonly root: DirectoryInode;
  #written: ReadonlyMap<string, Payload> = new Map();

  readonly #group: number | undefined;

  /** `group`: whom the files are given to. */
  constructor(group: number | undefined) {
    this.root = directoryInode(0o777);
    this.#group = group;
  }

  /** Writes the whole set of files, by path relative to the volume. Nothing happens when it is the same as before. */
  write(files: ReadonlyMap<string, Payload>, clock: { readonly unixMs: number; readonly nowMs: number }, salt: number): void {
    if (isSame(files, this.#written)) return;
    this.#written = files;
    const t = civilTime(clock.unixMs);
    const dated = `..${t.year}_${two(t.month)}_${two(t.day)}_${two(t.hour)}_${two(t.minute)}_${two(t.second)}.${salt}`;
    const directory = directoryInode(0o755, clock.nowMs);
    const { entries } = this.root;
    entries.clear();
    for (const [path, payload] of files) {
      placeAt(directory, path.split('/'), fileOf(payload, clock.nowMs));
      const first = path.split('/')[0]!;
      entries.set(first, { kind: 'symlink', mode: 0o777, mtimeMs: clock.nowMs, target: `..data/${first}` });
    }
    entries.set(dated, directory);
    entries.set('..data', { kind: 'symlink', mode: 0o777, mtimeMs: clock.nowMs, target: dated });
    if (this.#group !== undefined) giveToGroup(this.root, this.#group, true);
  }
}

function fileOf({ data, mode, uid }: Payload, nowMs: number): FileInode {
  const owned = uid ? { uid } : {};
  if (typeof data === 'string') return { ...fileInode(data, mode, nowMs), ...owned };
  return { ...fileInode(undefined, mode, nowMs), ...owned, generate: data };
}

function placeAt(directory: DirectoryInode, parts: readonly string[], file: Inode): void {
  let at = directory;
  for (const part of parts.slice(0, -1)) {
    let next = at.entries.get(part);
    if (next?.kind !== 'directory') at.entries.set(part, (next = directoryInode()));
    at = next;
  }
  at.entries.set(parts.at(-1)!, file);
}

function isSame(a: ReadonlyMap<string, Payload>, b: ReadonlyMap<string, Payload>): boolean {
  if (a.size !== b.size) return false;
  for (const [path, { data, mode }] of a) {
    const other = b.get(path);
    if (!other || other.mode !== mode || (typeof data === 'string' ? other.data !== data : typeof other.data === 'string')) return false;
  }
  return true;
}
