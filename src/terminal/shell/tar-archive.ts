/**
 * tar archives in memory: ustar, with GNU's and pax's way of writing long names. What `tar` and `kubectl cp` read and write.
 * Absent: sparse files, hard links, owners (files of the emulated machines have none), compression.
 */
import type { ByteString } from '../../emulator/kernel/index.ts';
import { textOf, utf8 } from '../../emulator/kernel/index.ts';

export interface TarEntry {
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'symlink';
  /** Permission bits. */
  readonly mode: number;
  /** Unix seconds. */
  readonly mtime: number;
  readonly data: ByteString;
  /** Where a symbolic link leads. */
  readonly target: string;
}

/** A text that is no archive. */
export class TarError extends Error {}

const blockSize = 512;
const types = { file: '0', symlink: '2', directory: '5' } as const;

export function writeTar(entries: readonly TarEntry[]): ByteString {
  const blocks = entries.flatMap(({ name, kind, mode, mtime, data, target }) => {
    const bytes = utf8(kind === 'directory' && !name.endsWith('/') ? `${name}/` : name);
    const long = bytes.length > 100 ? [header('././@LongLink', 0, 0, bytes.length + 1, 'L', ''), padded(`${bytes}\0`)] : [];
    return [...long, header(bytes.slice(0, 100), mode, mtime, data.length, types[kind], utf8(target)), padded(data)];
  });
  const end = '\0'.repeat(2 * blockSize);
  const text = blocks.join('') + end;
  // Written in records of twenty blocks.
  return (text + '\0'.repeat((20 * blockSize - (text.length % (20 * blockSize))) % (20 * blockSize))) as ByteString;
}

function header(name: string, mode: number, mtime: number, size: number, type: string, link: string): string {
  const octal = (value: number, width: number): string =>
    `${Math.trunc(value)
      .toString(8)
      .padStart(width - 1, '0')}\0`;
  const text = (value: string, width: number): string => value.slice(0, width).padEnd(width, '\0');
  const front = text(name, 100) + octal(mode, 8) + octal(0, 8) + octal(0, 8) + octal(size, 12) + octal(mtime, 12);
  const back = `${type}${text(link, 100)}ustar  \0${text('root', 32)}${text('root', 32)}`;
  const whole = (checksum: string): string => (front + checksum + back).padEnd(blockSize, '\0');
  return whole(
    `${checksumOf(whole(' '.repeat(8)))
      .toString(8)
      .padStart(6, '0')}\0 `,
  );
}

const padded = (data: string): string => data + '\0'.repeat((blockSize - (data.length % blockSize)) % blockSize);

function checksumOf(block: string): number {
  let sum = 0;
  for (let i = 0; i < blockSize; i++) sum += i >= 148 && i < 156 ? 32 : block.charCodeAt(i);
  return sum;
}

/** Throws a TarError. */
export function readTar(archive: ByteString): TarEntry[] {
  const entries: TarEntry[] = [];
  let longName: string | undefined;
  let longTarget: string | undefined;
  for (let at = 0; at + blockSize <= archive.length; ) {
    const block = archive.slice(at, at + blockSize);
    if (/^\0*$/.test(block)) break;
    if (Number.parseInt(block.slice(148, 156), 8) !== checksumOf(block)) throw new TarError('invalid tar header');
    const size = number(block, 124, 12);
    const data = archive.slice(at + blockSize, at + blockSize + size) as ByteString;
    if (data.length < size) throw new TarError('unexpected EOF');
    at += blockSize + Math.ceil(size / blockSize) * blockSize;
    const type = block[156]!;
    if (type === 'L') longName = textOf(field(data, 0, data.length));
    else if (type === 'K') longTarget = textOf(field(data, 0, data.length));
    else if (type === 'x') ({ path: longName, linkpath: longTarget } = paxRecords(data));
    else {
      const prefix = block.slice(257, 263) === 'ustar\0' ? textOf(field(block, 345, 155)) : '';
      const short = textOf(field(block, 0, 100));
      const name = longName ?? (prefix === '' ? short : `${prefix}/${short}`);
      const target = longTarget ?? textOf(field(block, 157, 100));
      const kind = type === '5' ? 'directory' : type === '2' ? 'symlink' : 'file';
      if (type !== 'g') entries.push({ name, kind, mode: number(block, 100, 8) & 0o7777, mtime: number(block, 136, 12), data, target });
      longName = undefined;
      longTarget = undefined;
    }
  }
  return entries;
}

function field(block: string, at: number, width: number): ByteString {
  const text = block.slice(at, at + width);
  const end = text.indexOf('\0');
  return (end < 0 ? text : text.slice(0, end)) as ByteString;
}

function number(block: string, at: number, width: number): number {
  return Number.parseInt(block.slice(at, at + width), 8) || 0;
}

/** `LENGTH KEY=VALUE` lines. */
function paxRecords(data: ByteString): { readonly path?: string; readonly linkpath?: string } {
  const records: Record<string, string> = {};
  for (let at = 0; at < data.length; ) {
    const length = Number.parseInt(data.slice(at), 10);
    if (!(length > 0)) break;
    const [, key, value] = /^\d+ ([^=]*)=([\s\S]*)\n$/.exec(data.slice(at, at + length)) ?? [];
    if (key !== undefined) records[key] = textOf(value as ByteString);
    at += length;
  }
  return records;
}
