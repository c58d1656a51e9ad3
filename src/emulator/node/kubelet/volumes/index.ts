/**
 * The volumes of one Pod: emptyDir, configMap, secret, projected, downwardAPI, and storage that outlives it (`storage.ts`).
 *
 * - A Pod starts when all its volumes are there; one that cannot be set up is tried again and says so in an Event.
 * - Volumes made of objects are written again when the object changed, at the Pod's next periodic sync. Those mounted by
 *   `subPath` keep the file that they had.
 * - Trees are made when a container's files are first touched; what a Pod needs from the API is fetched before it starts.
 */
import type { ConfigMap, Container, Pod, Secret, Volume } from '../../../api/generated/types.ts';
import type { Call, Inode, Mount } from '../../../kernel/index.ts';
import { directoryInode } from '../../../kernel/index.ts';
import { aggregateText } from '../../../machinery/field-error.ts';
import type { ObjectCache } from '../object-cache.ts';
import { AtomicDirectory } from './atomic-directory.ts';
import { giveToGroup } from './ownership.ts';
import type { PayloadContext } from './payload.ts';
import { payloadOf } from './payload.ts';
import type { Mounted, StorageParts } from './storage.ts';
import { disk, isStorage, mountStorage } from './storage.ts';
import { VolumeError } from './volume-error.ts';

export { VolumeError } from './volume-error.ts';

export interface VolumeParts extends StorageParts {
  readonly objects: ObjectCache;
  /** Mints a token for the Pod, for projected volumes; undefined when it cannot be had now. */
  readonly token: PayloadContext['token'];
  readonly credential: PayloadContext['credential'];
  readonly node: PayloadContext['node'];
}

/** Names of ConfigMaps and Secrets that a volume needs, with the wording of its absence. */
function* neededBy(
  volume: Volume,
): Generator<{ readonly resource: 'configmaps' | 'secrets'; readonly name: string; readonly optional: boolean }> {
  if (volume.configMap) yield { resource: 'configmaps', name: volume.configMap.name ?? '', optional: volume.configMap.optional ?? false };
  if (volume.secret) yield { resource: 'secrets', name: volume.secret.secretName ?? '', optional: volume.secret.optional ?? false };
  for (const { configMap, secret } of volume.projected?.sources ?? []) {
    if (configMap) yield { resource: 'configmaps', name: configMap.name ?? '', optional: configMap.optional ?? false };
    if (secret) yield { resource: 'secrets', name: secret.name ?? '', optional: secret.optional ?? false };
  }
}

/** The files of a volume, and what writes them when it is made of objects. */
interface Tree extends Mounted {
  readonly directory?: AtomicDirectory | undefined;
}

const memory = { source: 'tmpfs', type: 'tmpfs' } as const;

export class PodVolumes {
  readonly #parts: VolumeParts;
  #trees: Map<string, Tree> | undefined;
  /** The Pod as it is now. */
  pod: Pod;

  constructor(parts: VolumeParts, pod: Pod) {
    this.#parts = parts;
    this.pod = pod;
  }

  /** Fetches what the volumes need. Throws a `VolumeError` for the first that cannot be set up. */
  *setUp(pod: Pod): Call<void> {
    this.pod = pod;
    const { objects } = this.#parts;
    const { uid, namespace = '' } = pod.metadata;
    for (const volume of pod.spec.volumes ?? []) {
      let missing: string[] | undefined;
      for (const { resource, name, optional } of neededBy(volume)) {
        const found: ConfigMap | Secret | undefined = yield* resource === 'configmaps'
          ? objects.configMap(uid, namespace, name)
          : objects.secret(uid, namespace, name);
        if (found || optional) continue;
        (missing ??= []).push(`${resource === 'configmaps' ? 'configmap' : 'secret'} ${JSON.stringify(name)} not found`);
      }
      if (missing) throw new VolumeError(volume.name, aggregateText(missing));
      // Its own faults (a key that is not there, a host path of the wrong type) come out now, not at the first read.
      if (isStorage(volume)) this.#keep(volume, yield* mountStorage(this.#parts, pod, volume));
      else if (!volume.emptyDir) payloadOf(volume, pod, this.#context());
    }
  }

  /** Writes changed objects into the volumes that are in use. */
  refresh(pod: Pod): void {
    this.pod = pod;
    for (const volume of pod.spec.volumes ?? []) {
      const directory = this.#trees?.get(volume.name)?.directory;
      if (directory) this.#write(directory, volume);
    }
  }

  /** What a container mounts. Called when its files are first touched. */
  mounts(container: Container, subPaths: readonly string[]): Mount[] {
    const mounts: Mount[] = [];
    (container.volumeMounts ?? []).forEach(({ name, mountPath, readOnly = false }, i) => {
      const volume = this.pod.spec.volumes?.find((candidate) => candidate.name === name);
      if (!volume) return;
      const tree = this.#tree(volume);
      const path = mountPath.replace(/\/+$/, '') || '/';
      const root = subPaths[i] ? this.#below(tree.inode, subPaths[i]) : tree.inode;
      mounts.push({ path, root, readOnly: readOnly || tree.readOnly, source: tree.source, type: tree.type, options: tree.options });
    });
    return mounts.sort((a, b) => a.path.length - b.path.length);
  }

  /** The files of a volume, if any container has touched them. */
  treeOf(name: string): Inode | undefined {
    return this.#trees?.get(name)?.inode;
  }

  #tree(volume: Volume): Tree {
    const known = this.#trees?.get(volume.name);
    if (known) return known;
    const { loop } = this.#parts.kernel;
    const fsGroup = this.pod.spec.securityContext?.fsGroup;
    if (volume.emptyDir) {
      const where = volume.emptyDir.medium === 'Memory' ? memory : disk;
      const inode = directoryInode(0o777, loop.now);
      if (fsGroup !== undefined) giveToGroup(inode, fsGroup, false);
      return this.#keep(volume, { ...where, inode, readOnly: false });
    }
    const directory = new AtomicDirectory(fsGroup);
    this.#write(directory, volume);
    return this.#keep(volume, { ...memory, inode: directory.root, readOnly: true, directory });
  }

  #keep(volume: Volume, tree: Tree): Tree {
    (this.#trees ??= new Map<string, Tree>()).set(volume.name, tree);
    return tree;
  }

  #write(directory: AtomicDirectory, volume: Volume): void {
    const { kernel } = this.#parts;
    try {
      directory.write(
        payloadOf(volume, this.pod, this.#context()),
        { unixMs: kernel.clock.unixMs, nowMs: kernel.loop.now },
        1_000_000_000 + kernel.random.below(1_000_000_000),
      );
    } catch (error) {
      // An object that went away leaves the files as they were (upstream keeps the old ones too).
      if (!(error instanceof VolumeError)) throw error;
    }
  }

  #context(): PayloadContext {
    const { objects, token, credential, node } = this.#parts;
    return { objects, token, credential, node };
  }

  /** A file or folder inside a volume; made as a folder when it is absent. */
  #below(root: Inode, subPath: string): Inode {
    let at = root;
    for (const part of subPath.split('/')) {
      if (at.kind !== 'directory' || part === '') continue;
      let next = at.entries.get(part);
      if (next?.kind === 'symlink') next = followIn(at, next.target);
      if (!next) at.entries.set(part, (next = folderLike(root, at)));
      at = next;
    }
    return at;
  }
}

/** A folder for a subPath has the mode of its volume (pkg/volume/util/subpath, SafeMakeDir), and its group where that is handed on. */
function folderLike(root: Inode, parent: Inode): Inode {
  const folder = directoryInode(root.kind === 'directory' ? root.mode : 0o755);
  return parent.mode & 0o2000 ? { ...folder, gid: parent.gid } : folder;
}

/** Follows a relative link inside a volume (`..data/key`, then the dated folder). */
function followIn(root: Inode, target: string): Inode | undefined {
  let at: Inode | undefined = root;
  for (const part of target.split('/')) {
    if (at?.kind !== 'directory') return undefined;
    const next: Inode | undefined = at.entries.get(part);
    at = next?.kind === 'symlink' ? followIn(at, next.target) : next;
  }
  return at;
}
