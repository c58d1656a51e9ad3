/** NodeVolumeLimits: a node takes no more volumes of a driver than its CSINode says (pkg/scheduler/framework/plugins/nodevolumelimits/csi.go). */
import type { CSINode, PersistentVolumeClaim, Pod } from '../../../../api/generated/types.ts';
import type { NodeInfo } from '../../cache/node-cache.ts';
import type { Plugin, PluginFactory } from '../../framework.ts';
import { rejection } from '../../framework.ts';
import type { StorageView } from '../../storage-view.ts';
import { claimsOf, usesClaim } from '../../storage-view.ts';

const name = 'NodeVolumeLimits';
const tooMany = rejection(name, 'node(s) exceed max volume count');

/** Handles by driver of the CSI volumes of Pods. */
function volumesOf(storage: StorageView, pods: Iterable<Pod>): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const pod of pods) {
    if (claimsOf(pod).length === 0) continue;
    for (const { spec } of storage.boundVolumes(pod)) {
      if (!spec.csi) continue;
      const handles = found.get(spec.csi.driver);
      if (handles) handles.add(spec.csi.volumeHandle);
      else found.set(spec.csi.driver, new Set([spec.csi.volumeHandle]));
    }
  }
  return found;
}

function exceeds(storage: StorageView, { name: node, pods }: NodeInfo, wanted: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  const drivers = storage.nodes.get(node)?.spec.drivers;
  if (!drivers?.length) return false;
  const used = volumesOf(
    storage,
    [...pods].map(({ pod }) => pod),
  );
  return drivers.some(({ name: driver, allocatable }) => {
    const more = wanted.get(driver);
    if (allocatable?.count === undefined || !more) return false;
    return new Set([...(used.get(driver) ?? []), ...more]).size > allocatable.count;
  });
}

/** Whether some driver may now attach more. */
function hasMore(before: CSINode, after: CSINode): boolean {
  return (after.spec.drivers ?? []).some(({ name: driver, allocatable }) => {
    const was = before.spec.drivers?.find((one) => one.name === driver)?.allocatable?.count;
    return was !== undefined && (allocatable?.count ?? 0) > was;
  });
}

const plugin: Plugin = {
  name,
  preFilter({ pod, cache }) {
    const { storage } = cache;
    if (!storage || claimsOf(pod).length === 0) return undefined;
    const wanted = volumesOf(storage, [pod]);
    if (wanted.size === 0) return undefined;
    return { filter: (index) => (exceeds(storage, cache.nodes[index]!, wanted) ? tooMany : undefined) };
  },
  wakes: {
    'CSINode/Add': true,
    'CSINode/Update': (_, { before, after }) => hasMore(before as CSINode, after as CSINode),
    'AssignedPod/Delete': (_, { before }) => claimsOf(before as Pod).length > 0,
    'PersistentVolumeClaim/Add': (pod, { after }) => usesClaim(pod, after as PersistentVolumeClaim),
  },
};

/** Rejects nodes to which no more volumes of a driver can be attached. */
export const nodeVolumeLimits: PluginFactory = { name, points: ['preFilter', 'filter'], make: () => plugin };
