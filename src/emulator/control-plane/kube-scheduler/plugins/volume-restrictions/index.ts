/**
 * VolumeRestrictions: a claim with the access mode ReadWriteOncePod is for one Pod at a time
 * (pkg/scheduler/framework/plugins/volumerestrictions).
 *
 * Deliberately absent: disks of clouds that Pods name themselves, which no node of this cluster can mount.
 */
import type { Pod } from '../../../../api/generated/types.ts';
import type { NodeCache, PlacedPod } from '../../cache/node-cache.ts';
import type { Plugin } from '../../framework.ts';
import { rejection } from '../../framework.ts';
import { claimsOf } from '../../storage-view.ts';

const name = 'VolumeRestrictions';
const inUse = rejection(name, 'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode');

/** Whether a Pod that is placed uses one of these claims. */
function isUsed(cache: NodeCache, { metadata }: Pod, names: ReadonlySet<string>): boolean {
  const uses = ({ pod }: PlacedPod): boolean =>
    pod.metadata.namespace === metadata.namespace && claimsOf(pod).some(({ name: claim }) => names.has(claim));
  return cache.nodes.some(({ pods }) => [...pods].some(uses));
}

export const volumeRestrictions: Plugin = {
  name,
  preFilter({ pod, cache }) {
    const { storage } = cache;
    const uses = claimsOf(pod);
    if (uses.length === 0 || !storage) return undefined;
    const exclusive = new Set<string>();
    for (const use of uses) {
      if (use.isEphemeral) continue;
      const claim = storage.claim(pod, use);
      if (!claim) return { rejection: rejection(name, `persistentvolumeclaim "${use.name}" not found`, { isUnresolvable: true }) };
      if (claim.spec.accessModes?.includes('ReadWriteOncePod')) exclusive.add(use.name);
    }
    if (exclusive.size === 0) return undefined;
    // Wherever the other Pod runs: while it does, this one may run nowhere.
    const verdict = isUsed(cache, pod, exclusive) ? inUse : undefined;
    return verdict && { filter: () => verdict };
  },
  requeueOn: ['NodeAdded', 'PodDeleted', 'ClaimChanged'],
};
