/** VolumeZone: a volume that is labelled with a zone or region is used there (pkg/scheduler/framework/plugins/volumezone). */
import type { Node, PersistentVolume, PersistentVolumeClaim } from '../../../../api/generated/types.ts';
import { equal } from '../../../../machinery/equality.ts';
import type { Labels } from '../../../../machinery/objects.ts';
import type { Plugin, PluginFactory } from '../../framework.ts';
import { rejection } from '../../framework.ts';
import { claimsOf, usesClaim } from '../../storage-view.ts';

const name = 'VolumeZone';
const conflict = rejection(name, 'node(s) had no available volume zone', { isUnresolvable: true });

/** Labels of volumes, and how nodes are labelled today. */
const topologyLabels: Readonly<Record<string, string>> = {
  'topology.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region': 'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
};

/** Label and zones, `a__b` meaning either. */
function zonesOf({ metadata }: PersistentVolume): (readonly [string, readonly string[]])[] {
  return Object.entries(metadata.labels ?? {}).flatMap(([label, value]) =>
    topologyLabels[label] ? [[label, value.split('__')] as const] : [],
  );
}

const isIn = (labels: Labels, [label, zones]: readonly [string, readonly string[]]): boolean =>
  zones.includes(labels[label] ?? labels[topologyLabels[label]!] ?? '');

const plugin: Plugin = {
  name,
  preFilter({ pod, cache }) {
    const { storage } = cache;
    if (!storage || claimsOf(pod).length === 0) return undefined;
    const wanted = storage.boundVolumes(pod).flatMap(zonesOf);
    if (wanted.length === 0) return undefined;
    return {
      filter(index) {
        const labels = cache.nodes[index]!.node.metadata.labels ?? {};
        return wanted.every((zone) => isIn(labels, zone)) ? undefined : conflict;
      },
    };
  },
  wakes: {
    'Node/Add': true,
    'Node/UpdateNodeLabel': (_, { before, after }) =>
      Object.keys(topologyLabels).some((label) => (before as Node).metadata.labels?.[label] !== (after as Node).metadata.labels?.[label]),
    'PersistentVolumeClaim/Add': (pod, { after }) => usesClaim(pod, after as PersistentVolumeClaim),
    'PersistentVolumeClaim/Update': (pod, { after }) => usesClaim(pod, after as PersistentVolumeClaim),
    'PersistentVolume/Add': true,
    'PersistentVolume/Update': (_, { before, after }) => !equal(zonesOf(before as PersistentVolume), zonesOf(after as PersistentVolume)),
    'StorageClass/Add': true,
  },
};

/** Rejects nodes outside the zone or region of a volume that the Pod uses. */
export const volumeZone: PluginFactory = { name, points: ['preFilter', 'filter'], make: () => plugin };
