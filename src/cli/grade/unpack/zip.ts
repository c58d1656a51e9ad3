/** Members of a zip archive, inflated piece by piece, so that a bomb ends as soon as it has grown past what may be read. */
import { Unzip, UnzipInflate } from 'fflate';
import type { UnzipFile } from 'fflate';
import { Refused } from './refused.ts';
import { bounds } from './shelf.ts';
import type { Shelf } from './shelf.ts';

/** Deflate makes at most about a thousand bytes of one, so a piece of this size cannot fill the memory before it is counted. */
const pieceBytes = 4096;
const symbolicLink = 0o120000;

export function readZip(shelf: Shelf, bytes: Uint8Array): void {
  refuseLinks(bytes);
  const unzip = new Unzip();
  unzip.register(UnzipInflate);
  let members = 0;
  unzip.onfile = (file) => {
    if (++members > bounds.files * 2) throw new Refused(`it holds more than ${bounds.files} files`);
    if (file.name.endsWith('/') || shelf.isLitter(file.name)) return;
    shelf.nameOf(file.name);
    read(shelf, file);
  };
  try {
    for (let at = 0; at < bytes.length; at += pieceBytes) unzip.push(bytes.subarray(at, at + pieceBytes), at + pieceBytes >= bytes.length);
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused(`it is no zip that can be read: ${(error as Error).message}`);
  }
  if (members === 0) throw new Refused('it is no zip, or an empty one');
}

function read(shelf: Shelf, file: UnzipFile): void {
  if (file.originalSize !== undefined && file.originalSize > shelf.room) throw shelf.tooBig(file.name);
  const pieces: Uint8Array[] = [];
  let length = 0;
  file.ondata = (error, piece, isLast) => {
    // What is thrown below comes back here by way of the inflater.
    if (error) throw error instanceof Refused ? error : new Refused(`${JSON.stringify(file.name)} cannot be inflated`);
    length += piece.length;
    if (length > shelf.room) throw shelf.tooBig(file.name);
    pieces.push(piece);
    if (isLast) shelf.put(file.name, joined(pieces, length));
  };
  file.start();
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Unix modes stand only in the central directory, which comes last. Format: PKWARE's APPNOTE 4.3.12. */
function refuseLinks(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  if (end === undefined) return;
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0 && at + 46 <= view.byteLength; left--) {
    if (view.getUint32(at, true) !== 0x02014b50) return;
    const nameLength = view.getUint16(at + 28, true);
    const mode = view.getUint32(at + 38, true) >>> 16;
    if ((mode & 0o170000) === symbolicLink) {
      const name = Buffer.from(bytes.subarray(at + 46, at + 46 + Math.min(nameLength, 200))).toString();
      throw new Refused(`${JSON.stringify(name)} is a symbolic link`);
    }
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
}

function findEnd(view: DataView): number | undefined {
  for (let at = view.byteLength - 22; at >= 0 && at >= view.byteLength - 22 - 0xffff; at--)
    if (view.getUint32(at, true) === 0x06054b50) return at;
  return undefined;
}
