/**
 * Files of a kustomization: paths are relative to its directory and may not lead out of it, directories may not contain one another
 * in a circle. Upstream: api/internal/loader/fileloader.go, loadrestrictions.go; kyaml/filesys/fsondisk.go.
 */
import type { ByteString } from '../../../emulator/kernel/index.ts';
import { KustomizeError } from './error.ts';

/** The file system as kustomize sees it; paths are absolute. */
export interface KustomizeFiles {
  kind(path: string): 'file' | 'directory' | undefined;
  read(path: string): ByteString;
  /** The absolute form of a path of the command line. */
  absolute(path: string): string;
}

interface LoaderOptions {
  /** Whether files outside of the directory may be read: --load-restrictor=LoadRestrictionsNone. */
  readonly isUnrestricted: boolean;
}

export class Loader {
  readonly root: string;
  readonly #files: KustomizeFiles;
  readonly #options: LoaderOptions;
  readonly #referrer: Loader | undefined;

  private constructor(files: KustomizeFiles, root: string, options: LoaderOptions, referrer: Loader | undefined) {
    this.#files = files;
    this.root = root;
    this.#options = options;
    this.#referrer = referrer;
  }

  /** A loader for the directory that the command line names. */
  static at(files: KustomizeFiles, path: string, options: LoaderOptions): Loader {
    // Differs from Kubernetes: a git repository is not cloned, the emulated machine has no way to the internet.
    if (isRemote(path)) throw new KustomizeError(noNetwork(path));
    const root = files.absolute(path);
    const kind = files.kind(root);
    if (kind === undefined) throw new KustomizeError(`must build at directory: not a valid directory: ${missing(files, path, root)}`);
    if (kind === 'file') throw new KustomizeError(`must build at directory: '${path}': file is not directory`);
    return new Loader(files, root, options, undefined);
  }

  /** A loader for another kustomization, which `resources` or `components` name. */
  sub(path: string): Loader {
    if (path === '') throw new KustomizeError('new root cannot be empty');
    if (isRemote(path)) throw new KustomizeError(noNetwork(path));
    if (path.startsWith('/')) throw new KustomizeError(`new root '${path}' cannot be absolute`);
    const root = join(this.root, path);
    const kind = this.#files.kind(root);
    if (kind === undefined) throw new KustomizeError(`must build at directory: not a valid directory: ${missing(this.#files, root, root)}`);
    if (kind === 'file') throw new KustomizeError(`must build at directory: '${root}': file is not directory`);
    for (let loader: Loader | undefined = this; loader; loader = loader.#referrer) {
      if (!isWithin(loader.root, root)) continue;
      throw new KustomizeError(`cycle detected: candidate root '${root}' contains visited root '${loader.root}'`);
    }
    return new Loader(this.#files, root, this.#options, this);
  }

  /** Whether a file of the directory itself is there. */
  has(name: string): boolean {
    return this.#files.kind(join(this.root, name)) === 'file';
  }

  /** The bytes of a file. */
  load(path: string): ByteString {
    if (/^https?:\/\//.test(path)) throw new KustomizeError(noNetwork(path));
    const absolute = path.startsWith('/') ? join('/', path) : join(this.root, path);
    const kind = this.#files.kind(absolute);
    if (kind === undefined) throw new KustomizeError(missing(this.#files, absolute, absolute));
    if (kind === 'directory') throw new KustomizeError(`'${absolute}' must resolve to a file`);
    if (!this.#options.isUnrestricted && !isWithin(absolute, this.root)) {
      throw new KustomizeError(`security; file '${absolute}' is not in or below '${this.root}'`);
    }
    return this.#files.read(absolute);
  }
}

/** Whether a path is a directory or something in it. */
function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`);
}

/** URLs, and what looks like a repository. Upstream: api/internal/git/repospec.go, in the part that people write. */
function isRemote(path: string): boolean {
  return /^(https?|ssh|git|file):\/\/|^git@|^git::|^gh:|^github\.com[/:]/.test(path);
}

const noNetwork = (path: string): string => `unable to reach '${path}': no route to the internet`;

/** `lstat` fails at the first part of the path that is not there. */
function missing(files: KustomizeFiles, shown: string, absolute: string): string {
  const parts = absolute.split('/').slice(1);
  let at = '';
  for (const part of parts) {
    at += `/${part}`;
    if (files.kind(at) === undefined) break;
  }
  return `evalsymlink failure on '${shown}' : lstat ${at}: no such file or directory`;
}

function join(directory: string, path: string): string {
  const parts: string[] = [];
  for (const part of `${directory}/${path}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
