/** Tells of changes in a folder and in the files that lie in it, as inotify does. */
import type { FileSystem, Inode } from './filesystem.ts';
import { WaitQueue } from './wait-queue.ts';
import type { Waiter } from './wait-queue.ts';

/** Calls back for every name that is put into or taken out of a folder. */
class NotifyingEntries extends Map<string, Inode> {
  readonly listeners = new Set<() => void>();

  override set(name: string, inode: Inode): this {
    super.set(name, inode);
    // While it is filled from another map, its own fields are not there yet.
    for (const listener of this.listeners ?? []) listener();
    return this;
  }

  override delete(name: string): boolean {
    const isThere = super.delete(name);
    if (isThere) for (const listener of this.listeners) listener();
    return isThere;
  }
}

/** Sits in a file's queue for as long as it is watched. */
class FileWaiter implements Waiter {
  waitingOn: WaitQueue | undefined;
  readonly queue: WaitQueue;
  readonly #notice: () => void;
  #isStopped = false;

  constructor(queue: WaitQueue, notice: () => void) {
    this.queue = queue;
    this.#notice = notice;
    queue.add(this);
  }

  wake(): void {
    if (this.#isStopped) return;
    this.queue.add(this);
    this.#notice();
  }

  stop(): void {
    this.#isStopped = true;
    this.queue.remove(this);
  }
}

/**
 * One watcher of a folder. `look` takes hold of the folder as it is now, and of the files in it: call it at the beginning and
 * whenever something was told, since what is new has to be watched too.
 */
export class FolderWatch {
  readonly #fs: FileSystem;
  readonly #path: string;
  readonly #notice: () => void;
  readonly #waiters = new Map<WaitQueue, FileWaiter>();
  #entries: NotifyingEntries | undefined;

  constructor(fs: FileSystem, path: string, notice: () => void) {
    this.#fs = fs;
    this.#path = path;
    this.#notice = notice;
  }

  /** False when there is no such folder; then nothing is told, and somebody has to look again. */
  look(): boolean {
    const folder = this.#fs.find(this.#path);
    if (folder?.kind !== 'directory') {
      this.stop();
      return false;
    }
    const entries = folder.entries instanceof NotifyingEntries ? folder.entries : this.#replace();
    if (entries !== this.#entries) {
      this.#entries?.listeners.delete(this.#notice);
      this.#entries = entries;
      entries.listeners.add(this.#notice);
    }
    const seen = new Set<WaitQueue>();
    for (const name of this.#fs.list(this.#path)) {
      const inode = this.#fs.find(`${this.#path}/${name}`);
      if (inode?.kind !== 'file') continue;
      const queue = (inode.changed ??= new WaitQueue());
      seen.add(queue);
      if (!this.#waiters.has(queue)) this.#waiters.set(queue, new FileWaiter(queue, this.#notice));
    }
    for (const [queue, waiter] of this.#waiters) {
      if (seen.has(queue)) continue;
      waiter.stop();
      this.#waiters.delete(queue);
    }
    return true;
  }

  stop(): void {
    this.#entries?.listeners.delete(this.#notice);
    this.#entries = undefined;
    for (const waiter of this.#waiters.values()) waiter.stop();
    this.#waiters.clear();
  }

  /** The folder stays the same one for everybody who holds it: a container may have it mounted. */
  #replace(): NotifyingEntries {
    const folder = this.#fs.writable(this.#path) as { entries: Map<string, Inode> };
    const entries = new NotifyingEntries(folder.entries);
    folder.entries = entries;
    return entries;
  }
}
