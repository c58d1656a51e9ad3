/**
 * VolumeRestrictions: a claim with the access mode ReadWriteOncePod is for one Pod at a time
 * (pkg/scheduler/framework/plugins/volumerestrictions).
 *
 * Deliberately absent: disks of clouds that Pods name themselves, which no node of this cluster can mount.
 */
import type { PersistentVolumeClaim, Pod } from '../../../../api/generated/types.ts';
import type { NodeCache, PlacedPod } from '../../cache/node-cache.ts';
import type { Plugin, PluginFactory } from '../../framework.ts';
import { rejection } from '../../framework.ts';
import { claimsOf, usesClaim } from '../../storage-view.ts';

const name = 'VolumeRestrictions';
const inUse = rejection(name, 'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode');

/** Whether a Pod that is placed uses one of these claims. */
function isUsed(cache: NodeCache, { metadata }: Pod, names: ReadonlySet<string>): boolean {
  const uses = ({ pod }: PlacedPod): boolean =>
    pod.metadata.namespace === metadata.namespace && claimsOf(pod).some(({ name: claim }) => names.has(claim));
  return cache.nodes.some(({ pods }) => [...pods].some(uses));
}

const plugin: Plugin = {
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
  wakes: {
    'Node/Add': true,
    'AssignedPod/Delete': (pod, { before }) => {
      const gone = before as Pod;
      if (gone.metadata.namespace !== pod.metadata.namespace) return false;
      const names = new Set(claimsOf(gone).map((use) => use.name));
      return claimsOf(pod).some((use) => names.has(use.name));
    },
    'PersistentVolumeClaim/Add': (pod, { after }) => usesClaim(pod, after as PersistentVolumeClaim),
  },
};

/** Rejects all nodes while another Pod uses a claim that is for one Pod at a time. */
export const volumeRestrictions: PluginFactory = { name, points: ['preFilter', 'filter'], make: () => plugin };
