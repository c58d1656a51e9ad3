/**
 * Opens what a learner handed in (a file, a folder, a zip, a tar) into memory, and never onto the disk.
 *
 * - Everything is bounded while it is read: `bounds`. A member that declares less than it holds is cut off all the same.
 * - Names that lead out, links and devices are refused; what systems leave behind (`.git`, `__MACOSX`) is passed over.
 * - Throws `Refused` with a reason for the grader, and nothing else.
 */
import fs from 'node:fs';
import path from 'node:path';
import { Refused } from './refused.ts';
import { Shelf } from './shelf.ts';
import type { HandedInFile } from './shelf.ts';
import { readTar } from './tar.ts';
import { readZip } from './zip.ts';

export { Refused } from './refused.ts';
export type { HandedInFile } from './shelf.ts';

export type EntryKind = 'file' | 'folder' | 'zip' | 'tar';

/** An archive or a file may be this big before it is looked into. */
const maxEntryBytes = 32 * 1024 * 1024;
const maxDepth = 16;

export function kindOf(name: string, isFolder: boolean): EntryKind {
  if (isFolder) return 'folder';
  if (/\.zip$/i.test(name)) return 'zip';
  return /\.(tar|tgz|tar\.gz)$/i.test(name) ? 'tar' : 'file';
}

/** Sorted by name. */
export async function unpack(file: string, kind: EntryKind): Promise<readonly HandedInFile[]> {
  const shelf = new Shelf();
  if (kind === 'folder') readFolder(shelf, file, '', 0);
  else if (kind === 'zip') readZip(shelf, readWhole(file));
  else if (kind === 'tar') readTar(shelf, readWhole(file));
  else shelf.put(path.basename(file), readWhole(file));
  return shelf.files;
}

/** Does not follow links, and does not wait for what is no file. */
function readWhole(file: string): Uint8Array {
  let fd: number;
  try {
    fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK);
  } catch (error) {
    throw new Refused((error as NodeJS.ErrnoException).code === 'ELOOP' ? 'it is a symbolic link' : 'it cannot be read');
  }
  try {
    const stat = fs.fstatSync(fd);
    if (!stat.isFile()) throw new Refused('it is neither a file nor a folder');
    if (stat.size > maxEntryBytes) throw new Refused(`it has ${stat.size} bytes, more than ${maxEntryBytes}`);
    return fs.readFileSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

function readFolder(shelf: Shelf, root: string, inside: string, depth: number): void {
  if (depth > maxDepth) throw new Refused(`its folders are nested deeper than ${maxDepth}`);
  const folder = fs.opendirSync(path.join(root, inside));
  try {
    for (let entry = folder.readSync(); entry; entry = folder.readSync()) {
      const name = inside === '' ? entry.name : `${inside}/${entry.name}`;
      if (shelf.isLitter(name)) continue;
      if (entry.isSymbolicLink()) throw new Refused(`${name} is a symbolic link`);
      if (entry.isDirectory()) readFolder(shelf, root, name, depth + 1);
      else if (entry.isFile()) shelf.put(name, readWhole(path.join(root, name)));
      else throw new Refused(`${name} is neither a file nor a folder`);
    }
  } finally {
    folder.closeSync();
  }
}
