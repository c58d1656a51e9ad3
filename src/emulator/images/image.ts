/** An image as a registry has it: its names, its configuration and its read-only tree of files. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { DirectoryInode, Inode, Program } from '../kernel/index.ts';
import { directoryInode, fileInode, programInode, toUint8Array, utf8 } from '../kernel/index.ts';

/** The part of an OCI image configuration that a runtime obeys. */
export interface ImageConfig {
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly workingDir?: string;
  /** Absent: root. */
  readonly user?: string;
  readonly exposedPorts?: readonly number[];
  /** The signal that asks the first process to end; TERM if absent. */
  readonly stopSignal?: 'TERM' | 'QUIT' | 'INT';
}

/** What its program takes of a node; next to nothing if absent. */
export interface ImageUsage {
  /** At rest, in thousandths of a CPU. */
  readonly idleCpuMilli?: number;
  /** At rest. */
  readonly memoryBytes?: number;
  /** CPU time that an accepted connection costs. */
  readonly requestCpuMs?: number;
}

/** Who may pull from a private repository. */
export interface RegistryLogin {
  readonly username: string;
  readonly password: string;
}

export interface Image {
  /** Normalised: `docker.io/library/nginx`. */
  readonly repository: string;
  readonly tags: readonly string[];
  /** `sha256:…` of the manifest. */
  readonly digest: string;
  /** `sha256:…` of the configuration: what `crictl images` shows. */
  readonly id: string;
  readonly sizeBytes: number;
  readonly config: ImageConfig;
  readonly usage: ImageUsage | undefined;
  /** Its repository is private; undefined: everybody may pull. */
  readonly login: RegistryLogin | undefined;
  /** The root directory; built on first use, shared by every container of the image. */
  readonly root: () => DirectoryInode;
}

/** What an image's folder says of it. */
export interface ImageDefinition {
  readonly repository: string;
  /** Each with its size in bytes, and with other names of the same image. */
  readonly versions: readonly { readonly tags: readonly string[]; readonly sizeBytes: number; readonly config?: ImageConfig }[];
  readonly config: ImageConfig;
  readonly usage?: ImageUsage | undefined;
  readonly login?: RegistryLogin | undefined;
  /** Contents by absolute path: text, or a program. The tag is the version's first. */
  readonly files: (version: string, programs: ReadonlyMap<string, Program>) => Files;
}

export type Files = Readonly<Record<string, string | Program>>;

/** A digest that stands for a text: 64 hexadecimal digits, the same in every run. */
export function digestOf(text: string): string {
  return `sha256:${bytesToHex(sha256(toUint8Array(utf8(text))))}`;
}

/** The images of a definition. `programs` are those of the terminal's room, which fill an image's `/bin`. */
export function buildImages(definition: ImageDefinition, programs: ReadonlyMap<string, Program>): Image[] {
  return definition.versions.map(({ tags, sizeBytes, config }) => {
    const name = `${definition.repository}:${tags[0]}`;
    let root: DirectoryInode | undefined;
    let digest: string | undefined;
    let id: string | undefined;
    return {
      repository: definition.repository,
      tags,
      // Differs from Kubernetes: digests are those of the image's name, not of its bytes.
      get digest() {
        return (digest ??= digestOf(`manifest ${name}`));
      },
      get id() {
        return (id ??= digestOf(`config ${name}`));
      },
      sizeBytes,
      config: { ...definition.config, ...config },
      usage: definition.usage,
      login: definition.login,
      root: () => (root ??= buildTree(definition.files(tags[0]!, programs))),
    };
  });
}

/** Directories that every image has. */
const usualDirectories = [
  '/bin',
  '/dev',
  '/etc',
  '/home',
  '/proc',
  '/root',
  '/run',
  '/sys',
  '/tmp',
  '/usr/bin',
  '/usr/sbin',
  '/var/log',
  '/var/run',
];

export function buildTree(files: Files): DirectoryInode {
  const root = directoryInode();
  for (const path of usualDirectories) directoryAt(root, path);
  directoryAt(root, '/tmp').mode = 0o1777;
  directoryAt(root, '/root').mode = 0o700;
  for (const path of Object.keys(files)) {
    const cut = path.lastIndexOf('/');
    const content = files[path]!;
    const inode: Inode =
      typeof content === 'function' ? programInode(content) : fileInode(utf8(content), content.startsWith('#!') ? 0o755 : 0o644);
    directoryAt(root, path.slice(0, cut)).entries.set(path.slice(cut + 1), inode);
  }
  return root;
}

function directoryAt(root: DirectoryInode, path: string): DirectoryInode {
  let directory = root;
  for (const name of path.split('/')) {
    if (name === '') continue;
    let next = directory.entries.get(name);
    if (next?.kind !== 'directory') directory.entries.set(name, (next = directoryInode()));
    directory = next;
  }
  return directory;
}

/** Puts those of the named programs that exist into a directory. */
export function programsIn(directory: string, names: readonly string[], programs: ReadonlyMap<string, Program>): Files {
  const files: Record<string, Program> = {};
  for (const name of names) {
    const program = programs.get(name);
    if (program) files[`${directory}/${name}`] = program;
  }
  return files;
}
