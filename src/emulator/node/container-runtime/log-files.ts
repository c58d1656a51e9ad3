/**
 * Containers' logs as a node shows them: /var/log/pods/<namespace>_<pod>_<uid>/<container>/<attempt>.log in the CRI's format,
 * and links to them in /var/log/containers. Nothing is stored: folders and files are made from the runtime when looked at.
 */

import type { ByteString, DirectoryInode, FileInode, Inode, Kernel, WaitQueue, WallClock } from '../../kernel/index.ts';
import { directoryInode, Errno, formatTime } from '../../kernel/index.ts';
import type { Container } from './container.ts';
import type { ContainerRuntime } from './runtime.ts';

/** The entries of a folder that is computed each time. It cannot be written to. */
class LiveEntries extends Map<string, Inode> {
  readonly #list: () => ReadonlyMap<string, Inode>;

  constructor(list: () => ReadonlyMap<string, Inode>) {
    super();
    this.#list = list;
  }

  override get(name: string): Inode | undefined {
    return this.#list().get(name);
  }

  override has(name: string): boolean {
    return this.#list().has(name);
  }

  override keys(): MapIterator<string> {
    return this.#list().keys() as MapIterator<string>;
  }

  override set(): this {
    throw new Errno('EROFS');
  }

  override delete(): boolean {
    throw new Errno('EROFS');
  }
}

/** A log file. `tail -f` waits for the log's own queue. */
class LogInode implements FileInode {
  readonly kind = 'file';
  mode = 0o640;
  readonly #container: Container;
  readonly #clock: WallClock;
  #made = '' as ByteString;
  #madeTo = -1;

  constructor(container: Container, kernel: Kernel) {
    this.#container = container;
    this.#clock = kernel.clock;
  }

  get mtimeMs(): number {
    return this.#container.log?.lines.at(-1)?.atMs ?? this.#container.createdMs;
  }

  get changed(): WaitQueue {
    return this.#container.openLog().changed;
  }

  get data(): ByteString {
    const { log } = this.#container;
    if (!log) return '' as ByteString;
    const to = log.dropped + log.lines.length;
    if (to !== this.#madeTo) {
      this.#made = log.lines
        .map(({ atMs, stream, isPartial, text }) => `${stamp(this.#clock.at(atMs))} ${stream} ${isPartial ? 'P' : 'F'} ${text}\n`)
        .join('') as ByteString;
      this.#madeTo = to;
    }
    return this.#made;
  }

  set data(_: ByteString) {
    throw new Errno('EROFS');
  }
}

const stamp = (unixMs: number): string =>
  `${formatTime(Math.floor(unixMs / 1000) * 1000).slice(0, -1)}.${String(unixMs % 1000).padStart(3, '0')}000000Z`;

const liveDirectory = (list: () => ReadonlyMap<string, Inode>): DirectoryInode => ({ ...directoryInode(), entries: new LiveEntries(list) });

/** The two folders of a node. */
export function logDirectories(runtime: ContainerRuntime): { readonly pods: DirectoryInode; readonly containers: DirectoryInode } {
  const files = new WeakMap<Container, LogInode>();
  const fileOf = (container: Container): LogInode => {
    let file = files.get(container);
    if (!file) files.set(container, (file = new LogInode(container, runtime.kernel)));
    return file;
  };
  const pods = (): Map<string, Inode> => {
    const byPod = new Map<string, Map<string, Map<string, Inode>>>();
    for (const container of runtime.containers.values()) {
      const { namespace, name, uid } = container.sandbox.config;
      const pod = `${namespace}_${name}_${uid}`;
      const containers = byPod.get(pod) ?? new Map<string, Map<string, Inode>>();
      byPod.set(pod, containers);
      const logs = containers.get(container.config.name) ?? new Map<string, Inode>();
      containers.set(container.config.name, logs.set(`${container.config.attempt}.log`, fileOf(container)));
    }
    const folder = (entries: Map<string, Inode>): DirectoryInode => ({ ...directoryInode(), entries });
    return new Map(
      [...byPod].map(([pod, containers]) => [pod, folder(new Map([...containers].map(([name, logs]) => [name, folder(logs)])))]),
    );
  };
  const links = (): Map<string, Inode> => {
    const entries = new Map<string, Inode>();
    for (const container of runtime.containers.values()) {
      const { namespace, name, uid } = container.sandbox.config;
      const target = `/var/log/pods/${namespace}_${name}_${uid}/${container.config.name}/${container.config.attempt}.log`;
      entries.set(`${name}_${namespace}_${container.config.name}-${container.id}.log`, {
        kind: 'symlink',
        mode: 0o777,
        mtimeMs: container.createdMs,
        target,
      });
    }
    return entries;
  };
  return { pods: liveDirectory(pods), containers: liveDirectory(links) };
}
