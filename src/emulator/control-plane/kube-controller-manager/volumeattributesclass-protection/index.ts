/** Keeps a class of volume attributes that is being deleted as long as a claim or a volume has it (pkg/controller/volume/vacprotection). */
import { persistentVolumeClaims } from '../../../api/core/persistent-volume-claim.ts';
import { persistentVolumes } from '../../../api/core/persistent-volume.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../../api/generated/types.ts';
import { attributesClassProtection } from '../../../api/storage/protection.ts';
import { volumeAttributesClasses } from '../../../api/storage/volume-attributes-class.ts';
import type { Call } from '../../../kernel/index.ts';
import type { Controller } from '../controller.ts';

/** The class that a claim wants, the one that it has, and the one that it is changing to. */
const classesOf = ({ spec, status }: PersistentVolumeClaim): readonly (string | undefined)[] => [
  spec.volumeAttributesClassName,
  status?.currentVolumeAttributesClassName,
  status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
];
const classOf = ({ spec }: PersistentVolume): string | undefined => spec.volumeAttributesClassName;

export const volumeAttributesClassProtection: Controller = {
  name: 'volumeattributesclass-protection-controller',
  start(context) {
    const client = context.client('volumeattributesclass-protection-controller');
    const classes = context.informers.for(volumeAttributesClasses);
    const claims = context.informers.for(persistentVolumeClaims);
    const volumes = context.informers.for(persistentVolumes);
    const queue = context.queue({ name: 'volumeattributesclass-protection', reconcile });
    classes.onChange(({ type, object }) => type !== 'DELETED' && queue.add(object.metadata.name));
    // What a claim or a volume no longer needs may go now.
    const letGo = (names: readonly (string | undefined)[]): void => {
      for (const name of names) if (name && classes.get(name)?.metadata.deletionTimestamp) queue.add(name);
    };
    claims.onChange(({ type, object, previous }) => letGo(classesOf(type === 'DELETED' ? object : (previous ?? object))));
    volumes.onChange(({ type, object, previous }) => letGo([classOf(type === 'DELETED' ? object : (previous ?? object))]));

    const isUsed = (name: string): boolean => {
      for (const volume of volumes.values()) if (classOf(volume) === name) return true;
      for (const claim of claims.values()) if (classesOf(claim).includes(name)) return true;
      return false;
    };

    function* reconcile(name: string): Call<void> {
      const object = classes.get(name);
      if (!object) return;
      const { finalizers = [], deletionTimestamp } = object.metadata;
      const isProtected = finalizers.includes(attributesClassProtection);
      const isGoing = deletionTimestamp !== undefined;
      if (isGoing !== isProtected || (isGoing && isUsed(name))) return;
      const kept = isGoing ? finalizers.filter((one) => one !== attributesClassProtection) : [...finalizers, attributesClassProtection];
      yield* client.update(volumeAttributesClasses, { ...object, metadata: { ...object.metadata, finalizers: kept } });
    }
  },
};
