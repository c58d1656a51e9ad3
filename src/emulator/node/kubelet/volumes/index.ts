/**
 * The volumes of one Pod: emptyDir, hostPath, configMap, secret, projected and downwardAPI.
 *
 * - A Pod starts when all its volumes are there; one that cannot be set up is tried again and says so in an Event.
 * - Volumes made of objects are written again when the object changed, at the Pod's next periodic sync. Those mounted by
 *   `subPath` keep the file that they had.
 * - Trees are made when a container's files are first touched; what a Pod needs from the API is fetched before it starts.
 */
import type { ConfigMap, Container, Pod, Secret, Volume } from '../../../api/generated/types.ts';
import type { Call, Inode, Kernel, Machine, Mount } from '../../../kernel/index.ts';
import { directoryInode } from '../../../kernel/index.ts';
import type { ObjectCache } from '../object-cache.ts';
import { AtomicDirectory } from './atomic-directory.ts';
import { hostPathInode } from './host-path.ts';
import type { PayloadContext } from './payload.ts';
import { payloadOf, VolumeError } from './payload.ts';

export { VolumeError } from './payload.ts';

export interface VolumeParts {
  readonly kernel: Kernel;
  readonly machine: Machine;
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
interface Tree {
  readonly inode: Inode;
  readonly directory: AtomicDirectory | undefined;
}

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
      for (const { resource, name, optional } of neededBy(volume)) {
        const found: ConfigMap | Secret | undefined = yield* resource === 'configmaps'
          ? objects.configMap(uid, namespace, name)
          : objects.secret(uid, namespace, name);
        if (!found && !optional)
          throw new VolumeError(volume.name, `${resource === 'configmaps' ? 'configmap' : 'secret'} ${JSON.stringify(name)} not found`);
      }
      // Its own faults (a key that is not there, a host path of the wrong type) come out now, not at the first read.
      if (volume.hostPath) hostPathInode(this.#parts.machine.fs, volume);
      else if (!isPlain(volume)) payloadOf(volume, pod, this.#context());
      if (!isEmulated(volume))
        throw new VolumeError(volume.name, `volume ${JSON.stringify(volume.name)} is of a type that this cluster does not have`);
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
  mounts(container: Container): Mount[] {
    const mounts: Mount[] = [];
    for (const { name, mountPath, subPath, readOnly = false } of container.volumeMounts ?? []) {
      const volume = this.pod.spec.volumes?.find((candidate) => candidate.name === name);
      if (!volume) continue;
      const root = subPath ? this.#below(this.#tree(volume), subPath) : this.#tree(volume);
      const isObject = Boolean(volume.configMap ?? volume.secret ?? volume.downwardAPI ?? volume.projected);
      const isInMemory = isObject || volume.emptyDir?.medium === 'Memory';
      mounts.push({
        path: mountPath.replace(/\/+$/, '') || '/',
        root,
        readOnly: readOnly || isObject,
        source: isInMemory ? 'tmpfs' : '/dev/vda1',
        type: isInMemory ? 'tmpfs' : 'ext4',
      });
    }
    return mounts.sort((a, b) => a.path.length - b.path.length);
  }

  /** The files of a volume, if any container has touched them. */
  treeOf(name: string): Inode | undefined {
    return this.#trees?.get(name)?.inode;
  }

  #tree(volume: Volume): Inode {
    const known = this.#trees?.get(volume.name);
    if (known) return known.inode;
    if (volume.hostPath) return this.#keep(volume, hostPathInode(this.#parts.machine.fs, volume));
    if (volume.emptyDir) return this.#keep(volume, directoryInode(0o777, this.#parts.kernel.loop.now));
    const directory = new AtomicDirectory();
    this.#write(directory, volume);
    (this.#trees ??= new Map<string, Tree>()).set(volume.name, { inode: directory.root, directory });
    return directory.root;
  }

  #keep(volume: Volume, inode: Inode): Inode {
    (this.#trees ??= new Map<string, Tree>()).set(volume.name, { inode, directory: undefined });
    return inode;
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
      if (!next) at.entries.set(part, (next = directoryInode(0o755)));
      at = next;
    }
    return at;
  }
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

const isPlain = (volume: Volume): boolean => Boolean(volume.emptyDir ?? volume.hostPath) || !isEmulated(volume);
const isEmulated = (volume: Volume): boolean =>
  Boolean(volume.emptyDir ?? volume.hostPath ?? volume.configMap ?? volume.secret ?? volume.projected ?? volume.downwardAPI);
