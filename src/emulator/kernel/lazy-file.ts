import type { ByteString } from './bytes.ts';
import type { FileInode } from './filesystem.ts';
import type { WaitQueue } from './wait-queue.ts';

/**
 * A file whose content is made when someone first looks: certificates and kubeconfigs cost a signature each. Once it is
 * written to, it is a file like any other.
 */
export class LazyFile implements FileInode {
  readonly kind = 'file';
  mode: number;
  mtimeMs: number;
  changed: WaitQueue | undefined;
  /** Nobody has changed it: it still says what it was made for. */
  isPristine = true;
  readonly #make: () => ByteString;
  #data: ByteString | undefined;

  constructor(make: () => ByteString, mode: number, mtimeMs: number) {
    this.#make = make;
    this.mode = mode;
    this.mtimeMs = mtimeMs;
  }

  get data(): ByteString {
    return (this.#data ??= this.#make());
  }

  set data(data: ByteString) {
    this.#data = data;
    this.isPristine = false;
  }
}
