/** Files of one submission as they come out of a folder or an archive: names made safe, sizes counted. */
import { Refused } from './refused.ts';

export interface HandedInFile {
  /** Relative, with `/`, without `.` and `..`. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export const bounds = { files: 500, fileBytes: 4 * 1024 * 1024, bytes: 16 * 1024 * 1024, nameLength: 512 } as const;

export class Shelf {
  readonly #files = new Map<string, Uint8Array>();
  #bytes = 0;

  get files(): readonly HandedInFile[] {
    return [...this.#files].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** How much of the next member may still be read. */
  get room(): number {
    return Math.min(bounds.fileBytes, bounds.bytes - this.#bytes);
  }

  /** What systems and tools leave behind: nobody means to hand it in. */
  isLitter(name: string): boolean {
    return name
      .split('/')
      .some((part) => part === '__MACOSX' || part === 'node_modules' || (part.startsWith('.') && part !== '.' && part !== '..'));
  }

  put(name: string, bytes: Uint8Array): void {
    const clean = this.nameOf(name);
    if (bytes.length > bounds.fileBytes) throw this.tooBig(name);
    this.#bytes += bytes.length;
    if (this.#bytes > bounds.bytes) throw new Refused(`it holds more than ${bounds.bytes} bytes`);
    if (this.#files.has(clean)) throw new Refused(`it holds ${JSON.stringify(clean)} twice`);
    if (this.#files.size >= bounds.files) throw new Refused(`it holds more than ${bounds.files} files`);
    this.#files.set(clean, bytes);
  }

  tooBig(name: string): Refused {
    return new Refused(`${JSON.stringify(name.slice(0, 200))} holds more than ${Math.min(bounds.fileBytes, Math.max(0, this.room))} bytes`);
  }

  /** A member's name as a path inside; refuses one that leads out. */
  nameOf(name: string): string {
    const shown = JSON.stringify(name.slice(0, 200));
    if (name.length > bounds.nameLength) throw new Refused(`the name ${shown}… is too long`);
    if (name.includes('\0')) throw new Refused(`the name ${shown} holds a zero byte`);
    const path = name.replaceAll('\\', '/');
    if (path.startsWith('/') || /^[a-z]:/i.test(path)) throw new Refused(`the name ${shown} is absolute`);
    const parts = path.split('/').filter((part) => part !== '' && part !== '.');
    if (parts.includes('..')) throw new Refused(`the name ${shown} leads out of the submission`);
    if (parts.length === 0) throw new Refused(`the name ${shown} is empty`);
    return parts.join('/');
  }
}
