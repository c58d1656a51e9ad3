import type { ByteString } from './bytes.ts';
import { Errno } from './errno.ts';
import { WaitQueue } from './wait-queue.ts';

/** An open file description. Shared by every descriptor duplicated or inherited from it, hence counted. */
export abstract class OpenFile {
  readonly isTty: boolean = false;
  refs = 0;
  #readable: WaitQueue | undefined;
  #writable: WaitQueue | undefined;

  /** Made for the first who waits: most files never block anyone. */
  get readable(): WaitQueue {
    return (this.#readable ??= new WaitQueue());
  }

  get writable(): WaitQueue {
    return (this.#writable ??= new WaitQueue());
  }

  /** Up to `max` bytes. None is the end of the file; undefined means nothing yet: wait on `readable`. */
  abstract read(max: number): ByteString | undefined;

  /** How many bytes were taken. 0 means full: wait on `writable`. Throws EPIPE when nobody can ever read. */
  abstract write(data: ByteString): number;

  /** The last descriptor is gone. */
  closed(): void {}
}

/** File descriptors of one process. A table owns one reference to each file in it. */
export class FdTable {
  /** Begins with the places of the three that every program has. */
  readonly #files: (OpenFile | undefined)[] = [undefined, undefined, undefined];

  get(fd: number): OpenFile {
    const file = this.#files[fd];
    if (!file) throw new Errno('EBADF');
    return file;
  }

  has(fd: number): boolean {
    return this.#files[fd] !== undefined;
  }

  set(fd: number, file: OpenFile): void {
    if (this.#files[fd] === file) return;
    file.refs++;
    this.close(fd);
    this.#files[fd] = file;
  }

  add(file: OpenFile): number {
    let fd = 0;
    while (this.#files[fd]) fd++;
    this.set(fd, file);
    return fd;
  }

  close(fd: number): void {
    const file = this.#files[fd];
    this.#files[fd] = undefined;
    if (file && --file.refs === 0) file.closed();
  }

  closeAll(): void {
    for (let fd = 0; fd < this.#files.length; fd++) this.close(fd);
  }

  clone(): FdTable {
    const copy = new FdTable();
    for (const [fd, file] of this.#files.entries()) if (file) copy.set(fd, file);
    return copy;
  }
}
