/** The loops of the provisioner, as sig-storage-lib-external-provisioner has them: one for claims, one for volumes. */
import { claimClass, persistentVolumeClaims } from '../../api/core/persistent-volume-claim.ts';
import { persistentVolumes, volumeClass } from '../../api/core/persistent-volume.ts';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api/generated/types.ts';
import { storageClasses } from '../../api/storage/storage-class.ts';
import {
  betaStorageProvisioner,
  claimSize,
  provisionedBy,
  referenceTo,
  selectedNode,
  storageProvisioner,
  waitsForPod,
} from '../../api/storage/volume-binding.ts';
import type { Client, InformerFactory } from '../../client/index.ts';
import { EventRecorder, Workqueue } from '../../client/index.ts';
import type { Call, FileSystem, Kernel } from '../../kernel/index.ts';
import type { Draft } from '../../machinery/objects.ts';
import { compareQuantities, parseQuantity } from '../../machinery/quantity.ts';
import { isAlreadyExists, isNotFound } from '../../machinery/status-error.ts';
import { dropFolder, folderOf, makeFolder } from './folder.ts';

export interface ProvisionerOptions {
  readonly kernel: Kernel;
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly fs: FileSystem;
  /** PROVISIONER_NAME: what classes call it. */
  readonly name: string;
  readonly server: string;
  readonly path: string;
  /** Name and host of the process, which its Events carry. */
  readonly identity: string;
  readonly log: (message: string) => void;
}

/** Says why a claim cannot be served. */
class ProvisionError extends Error {}

export class Provisioner {
  readonly #options: ProvisionerOptions;
  readonly #recorder: EventRecorder;
  readonly #resizer: EventRecorder;
  readonly #queue: Workqueue<string>;
  readonly #claims;
  readonly #volumes;
  readonly #classes;

  constructor(options: ProvisionerOptions) {
    this.#options = options;
    const { kernel, client, informers, name, identity } = options;
    this.#recorder = new EventRecorder(kernel, client, { component: `${name}_${identity}` });
    this.#resizer = new EventRecorder(kernel, client, { component: `external-resizer ${name}` });
    this.#claims = informers.for(persistentVolumeClaims);
    this.#volumes = informers.for(persistentVolumes);
    this.#classes = informers.for(storageClasses);
    this.#queue = new Workqueue(kernel, { name: 'claims', reconcile: (uid: string) => this.#reconcile(uid) });
    this.#claims.onChange(({ type, object }) => type !== 'DELETED' && this.#queue.add(object.metadata.uid));
    this.#volumes.onChange(({ type, object }) => type !== 'DELETED' && this.#queue.add(object.metadata.uid));
  }

  start(): void {
    this.#queue.start();
  }

  stop(): void {
    this.#queue.stop();
    this.#recorder.stop();
    this.#resizer.stop();
  }

  *#reconcile(uid: string): Call<void> {
    const claim = this.#claims.byUID(uid);
    if (claim) {
      if (this.#shouldProvision(claim)) yield* this.#provision(claim);
      else yield* this.#expand(claim);
      return;
    }
    const volume = this.#volumes.byUID(uid);
    if (volume && this.#shouldDelete(volume)) yield* this.#delete(volume);
  }

  /** The volume controller has asked for it, and the scheduler has chosen a node if the class waits for that. */
  #shouldProvision({ metadata, spec }: PersistentVolumeClaim): boolean {
    const { annotations = {} } = metadata;
    if (spec.volumeName || metadata.deletionTimestamp) return false;
    if ((annotations[storageProvisioner] ?? annotations[betaStorageProvisioner]) !== this.#options.name) return false;
    return !waitsForPod(this.#classes.get(spec.storageClassName ?? '')) || annotations[selectedNode] !== undefined;
  }

  *#provision(claim: PersistentVolumeClaim): Call<void> {
    const className = claimClass(claim);
    const storageClass = this.#classes.get(className);
    const name = `pvc-${claim.metadata.uid}`;
    if (!storageClass || this.#volumes.get(name)) return;
    const { namespace, name: claimName } = claim.metadata;
    this.#recorder.normal(claim, 'Provisioning', `External provisioner is provisioning volume for claim "${namespace}/${claimName}"`);
    try {
      const volume = this.#make(claim, storageClass, name);
      yield* this.#options.client.create(persistentVolumes, volume);
    } catch (error) {
      if (isAlreadyExists(error)) return;
      if (!(error instanceof ProvisionError)) throw error;
      this.#options.log(`provision "${namespace}/${claimName}" class "${className}": ${error.message}`);
      const words = `failed to provision volume with StorageClass "${className}": ${error.message}`;
      this.#recorder.warning(claim, 'ProvisioningFailed', words);
      return;
    }
    this.#options.log(`provision "${namespace}/${claimName}" class "${className}": volume "${name}" provisioned`);
    this.#recorder.normal(claim, 'ProvisioningSucceeded', `Successfully provisioned volume ${name}`);
  }

  #make(claim: PersistentVolumeClaim, storageClass: StorageClass, name: string): Draft<PersistentVolume> {
    const { fs, server, path, name: provisioner } = this.#options;
    if (claim.spec.selector) throw new ProvisionError('claim Selector is not supported');
    // Differs from the real one: that makes an empty volume where a copy was asked for.
    if (claim.spec.dataSourceRef) throw new ProvisionError('claim DataSource is not supported');
    if (claim.spec.volumeMode === 'Block') throw new ProvisionError(`${provisioner} does not support block volume provisioning`);
    const folder = folderOf(claim, name, storageClass.parameters ?? {});
    makeFolder(fs, folder);
    return {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name, annotations: { [provisionedBy]: provisioner } },
      spec: {
        capacity: { storage: claimSize(claim) },
        accessModes: claim.spec.accessModes,
        persistentVolumeReclaimPolicy: storageClass.reclaimPolicy,
        storageClassName: storageClass.metadata.name,
        mountOptions: storageClass.mountOptions,
        volumeMode: 'Filesystem',
        nfs: { server, path: `${path}/${folder}` },
        claimRef: referenceTo(claim),
      },
    };
  }

  #isOurs = ({ metadata }: PersistentVolume): boolean => metadata.annotations?.[provisionedBy] === this.#options.name;

  #shouldDelete(volume: PersistentVolume): boolean {
    const { spec, status, metadata } = volume;
    return (
      this.#isOurs(volume) &&
      spec.nfs !== undefined &&
      spec.persistentVolumeReclaimPolicy === 'Delete' &&
      status?.phase === 'Released' &&
      !metadata.deletionTimestamp
    );
  }

  *#delete(volume: PersistentVolume): Call<void> {
    const { fs, path, client, log } = this.#options;
    const { parameters = {} } = this.#classes.get(volumeClass(volume)) ?? {};
    dropFolder(fs, volume, path, parameters);
    try {
      yield* client.delete(persistentVolumes, volume.metadata);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    log(`delete "${volume.metadata.name}": persistentvolume deleted`);
  }

  /** A folder is as large as it needs to be: that the claim has more is a matter of saying so. */
  *#expand(claim: PersistentVolumeClaim): Call<void> {
    const { client } = this.#options;
    const wanted = claimSize(claim);
    const isLarger = compareQuantities(parseQuantity(wanted), parseQuantity(claim.status?.capacity?.storage ?? '0')) > 0;
    if (claim.status?.phase !== 'Bound' || !isLarger) return;
    const volume = this.#volumes.get(claim.spec.volumeName ?? '');
    if (!volume || !this.#isOurs(volume) || !this.#classes.get(claimClass(claim))?.allowVolumeExpansion) return;
    this.#resizer.normal(claim, 'Resizing', `External resizer is resizing volume ${volume.metadata.name}`);
    if (volume.spec.capacity?.storage !== wanted)
      yield* client.update(persistentVolumes, { ...volume, spec: { ...volume.spec, capacity: { storage: wanted } } });
    yield* client.updateStatus(persistentVolumeClaims, { ...claim, status: { ...claim.status, capacity: { storage: wanted } } });
    this.#resizer.normal(claim, 'VolumeResizeSuccessful', 'Resize volume succeeded');
  }
}
