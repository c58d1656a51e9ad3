/** Keeps a volume that is being deleted as long as it is bound to a claim (pkg/controller/volume/pvprotection). */
import { persistentVolumes } from '../../../api/core/persistent-volume.ts';
import { volumeProtection } from '../../../api/storage/protection.ts';
import type { Call } from '../../../kernel/index.ts';
import type { Controller } from '../controller.ts';

export const persistentVolumeProtection: Controller = {
  name: 'persistentvolume-protection-controller',
  start(context) {
    const client = context.client('pv-protection-controller');
    const volumes = context.informers.for(persistentVolumes);
    const queue = context.queue({ name: 'persistentvolume-protection', reconcile });
    volumes.onChange(({ type, object }) => {
      const { uid, deletionTimestamp, finalizers } = object.metadata;
      const isProtected = finalizers?.includes(volumeProtection) ?? false;
      if (type !== 'DELETED' && isProtected === (deletionTimestamp !== undefined)) queue.add(uid);
    });

    function* reconcile(uid: string): Call<void> {
      const volume = volumes.byUID(uid);
      if (!volume) return;
      const { finalizers = [], deletionTimestamp } = volume.metadata;
      const isProtected = finalizers.includes(volumeProtection);
      if (deletionTimestamp !== undefined && isProtected && volume.status?.phase !== 'Bound') {
        const left = finalizers.filter((finalizer) => finalizer !== volumeProtection);
        yield* client.update(persistentVolumes, { ...volume, metadata: { ...volume.metadata, finalizers: left } });
      } else if (deletionTimestamp === undefined && !isProtected) {
        yield* client.update(persistentVolumes, {
          ...volume,
          metadata: { ...volume.metadata, finalizers: [...finalizers, volumeProtection] },
        });
      }
    }
  },
};
