/**
 * Members of a tar archive, gzipped or not: POSIX ustar with the name extensions of GNU tar and pax, which is what `tar` writes.
 * Sparse files and other inventions are refused by the type of the member.
 */
import { Gunzip } from 'fflate';
import { Refused } from './refused.ts';
import { bounds } from './shelf.ts';
import type { Shelf } from './shelf.ts';

const block = 512;
const pieceBytes = 4096;
/** Every member costs a header and padding beside what it holds. */
const maxTarBytes = bounds.bytes + bounds.files * 4 * block;

export function readTar(shelf: Shelf, bytes: Uint8Array): void {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const tar = isGzip ? gunzipped(bytes) : bytes;
  let longName: string | undefined;
  let members = 0;
  for (let at = 0; at + block <= tar.length; ) {
    const header = tar.subarray(at, at + block);
    if (header.every((byte) => byte === 0)) break;
    if (!hasChecksum(header)) throw new Refused('it is no tar that can be read');
    const size = numberAt(header, 124, 12);
    const body = tar.subarray(at + block, at + block + size);
    if (body.length < size) throw new Refused('it is a tar that ends too early');
    at += block + Math.ceil(size / block) * block;
    if (++members > bounds.files * 2) throw new Refused(`it holds more than ${bounds.files} files`);
    const type = String.fromCharCode(header[156]!);
    if (type === 'x' || type === 'L') longName = type === 'L' ? textOf(body) : (paxPath(body) ?? longName);
    else if (type !== 'g') {
      take(shelf, longName ?? nameIn(header), type, body);
      longName = undefined;
    }
  }
  if (members === 0) throw new Refused('it is no tar, or an empty one');
}

function take(shelf: Shelf, name: string, type: string, body: Uint8Array): void {
  if (shelf.isLitter(name)) return;
  const clean = /^\.?\/*$/.test(name) ? undefined : shelf.nameOf(name);
  if (type === '5' || clean === undefined) return;
  if (type === '1' || type === '2') throw new Refused(`${JSON.stringify(clean)} is a link`);
  if (type !== '0' && type !== '\0' && type !== '7') throw new Refused(`${JSON.stringify(clean)} is neither a file nor a folder`);
  shelf.put(clean, body);
}

function gunzipped(bytes: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const gunzip = new Gunzip((piece) => {
    length += piece.length;
    if (length > maxTarBytes) throw new Refused(`it holds more than ${bounds.bytes} bytes`);
    pieces.push(piece);
  });
  try {
    for (let at = 0; at < bytes.length; at += pieceBytes) gunzip.push(bytes.subarray(at, at + pieceBytes), at + pieceBytes >= bytes.length);
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused(`it is no gzip that can be read: ${(error as Error).message}`);
  }
  return Buffer.concat(pieces);
}

function hasChecksum(header: Uint8Array): boolean {
  let sum = 0;
  for (const [i, byte] of header.entries()) sum += i >= 148 && i < 156 ? 32 : byte;
  return sum === numberAt(header, 148, 8);
}

/** Octal digits; sizes in base 256 are for files that are too big anyway. */
function numberAt(header: Uint8Array, at: number, length: number): number {
  const text = textOf(header.subarray(at, at + length)).trim();
  return /^[0-7]*$/.test(text) ? Number.parseInt(text || '0', 8) : Number.POSITIVE_INFINITY;
}

function nameIn(header: Uint8Array): string {
  const prefix = textOf(header.subarray(257, 262)) === 'ustar' && header[262] === 0 ? textOf(header.subarray(345, 500)) : '';
  const name = textOf(header.subarray(0, 100));
  return prefix === '' ? name : `${prefix}/${name}`;
}

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(bytes.subarray(0, end < 0 ? bytes.length : end)).toString('utf8');
}

/** `LENGTH path=VALUE\n` among the records of a pax header. */
function paxPath(body: Uint8Array): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(Buffer.from(body).toString('utf8'))?.[1];
}
